// A scrolling box with a plain text of any length: only the parts near what is seen are in the page,
// those that are finished are never touched again, the last one grows by what was added. It stays at the
// end while the reader is there and never moves a reader who scrolled up. All work is done once per
// frame; what it costs does not depend on how long the text is.

import { PartHeights, type PartWindow } from '../lib/part-heights.js';

/** Kept in the page above and below what is seen, so that scrolling meets text and not a gap. */
const OVERSCAN_PIXELS = 900;
/** So near to the end counts as being there: scroll positions are rounded. */
const END_PIXELS = 3;
/** Measuring may show that the window reaches farther than thought; each round settles more. */
const MAX_ROUNDS = 4;

export interface LongTextViewOptions {
  /** The element that scrolls, empty. */
  box: HTMLElement;
  /** Called when the reader leaves the end or comes back to it. */
  onFollow?: (isFollowing: boolean) => void;
  /** Begins at the end of the text instead of its beginning. */
  follows: boolean;
}

export class LongTextView {
  readonly #box: HTMLElement;
  readonly #runway = document.createElement('div');
  readonly #heights = new PartHeights();
  readonly #shown = new Map<number, Text>();
  readonly #onFollow: (isFollowing: boolean) => void;
  readonly #resize: ResizeObserver;
  readonly #listening = new AbortController();
  #parts: readonly string[] = [];
  #frame = 0;
  #isFollowing: boolean;
  #anchor: { index: number; offset: number } | undefined;
  #lastTop = 0;
  #width = 0;
  #showsAll = false;

  constructor({ box, onFollow = () => {}, follows }: LongTextViewOptions) {
    this.#box = box;
    this.#onFollow = onFollow;
    this.#isFollowing = follows;
    this.#runway.className = 'long-text-runway';
    box.append(this.#runway);
    const { signal } = this.#listening;
    box.addEventListener('scroll', () => this.#scrolled(), { passive: true, signal });
    box.addEventListener('wheel', (event) => this.#wheeled(event), { passive: true, signal });
    window.addEventListener('beforeprint', () => this.#showAll(true), { signal });
    window.addEventListener('afterprint', () => this.#showAll(false), { signal });
    this.#resize = new ResizeObserver(() => this.#resized());
    this.#resize.observe(box);
  }

  /** Contract: all parts but the last stay as they are; the list may be changed in place by its owner. */
  setParts(parts: readonly string[]): void {
    this.#parts = parts;
    this.#schedule();
  }

  /** Goes to the end and stays there. */
  follow(): void {
    this.#setFollowing(true);
    this.#schedule();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#resize.disconnect();
    this.#listening.abort();
    this.#runway.remove();
    this.#shown.clear();
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const height = this.#box.clientHeight;
    // Folded away: drawn when it is seen again, which the resize observer tells.
    if (this.#box.getClientRects().length === 0) return;
    // What the reader sees keeps its place, whatever the parts above it turn out to measure.
    const anchor = this.#anchor ?? this.#heights.at(this.#box.scrollTop);
    this.#anchor = undefined;
    this.#takeLengths();
    let top = 0;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const end = this.#heights.total - height;
      top = this.#isFollowing ? end : this.#heights.top(anchor.index) + anchor.offset;
      this.#mount(this.#windowAt(top, height));
      if (!this.#measure()) break;
    }
    const { before, after } = this.#windowAt(top, height);
    this.#runway.style.paddingBlock = `${before}px ${after}px`;
    if (this.#isFollowing) this.#box.scrollTop = this.#box.scrollHeight;
    else if (Math.abs(this.#box.scrollTop - top) >= 1) this.#box.scrollTop = top;
    this.#lastTop = this.#box.scrollTop;
  }

  #windowAt(top: number, height: number): PartWindow {
    if (this.#showsAll) return { first: 0, end: this.#parts.length, before: 0, after: 0 };
    return this.#heights.window(top - OVERSCAN_PIXELS, top + height + OVERSCAN_PIXELS);
  }

  #takeLengths(): void {
    const parts = this.#parts;
    this.#heights.cutTo(parts.length);
    // Only the last part that was known can have another length: parts end once.
    for (let index = Math.max(0, this.#heights.count - 1); index < parts.length; index++) {
      this.#heights.setLength(index, parts[index]!.length);
    }
  }

  #mount({ first, end }: PartWindow): void {
    for (const [index, text] of this.#shown) {
      if (index >= first && index < end) continue;
      text.parentElement!.remove();
      this.#shown.delete(index);
    }
    let next: Element | null = null;
    for (let index = end - 1; index >= first; index--) {
      const part = this.#parts[index]!;
      let text = this.#shown.get(index);
      if (text) grow(text, part);
      else {
        const element = document.createElement('div');
        element.className = 'long-text-part';
        text = document.createTextNode(part);
        element.append(text);
        this.#runway.insertBefore(element, next);
        this.#shown.set(index, text);
      }
      next = text.parentElement;
    }
  }

  /** @returns whether a part was not as high as it was taken to be. */
  #measure(): boolean {
    let isNew = false;
    const last = this.#parts.length - 1;
    for (const [index, text] of this.#shown) {
      if (this.#heights.isMeasured(index) && index !== last) continue;
      const taken = this.#heights.heightOf(index);
      const pixels = text.parentElement!.getBoundingClientRect().height;
      this.#heights.measure(index, pixels);
      if (Math.abs(pixels - taken) >= 1) isNew = true;
    }
    return isNew;
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const isAtEnd = scrollHeight - clientHeight - scrollTop <= END_PIXELS;
    if (isAtEnd) this.#setFollowing(true);
    else if (scrollTop < this.#lastTop) this.#setFollowing(false);
    this.#lastTop = scrollTop;
    this.#schedule();
  }

  /** Said before the scrolling itself is, so that no frame in between pulls the reader back. */
  #wheeled(event: WheelEvent): void {
    if (event.deltaY < 0 && this.#box.scrollTop > 0) this.#setFollowing(false);
  }

  #resized(): void {
    const { clientWidth } = this.#box;
    if (clientWidth !== this.#width) {
      this.#width = clientWidth;
      const { index, offset } = this.#heights.at(this.#box.scrollTop);
      const share = this.#heights.count > 0 ? offset / this.#heights.heightOf(index) : 0;
      this.#heights.forgetAll();
      // The same words stay at the upper edge: as far into their part as they were.
      if (share > 0 || index > 0) {
        this.#anchor = { index, offset: share * this.#heights.heightOf(index) };
      }
    }
    this.#schedule();
  }

  /** Paper has no window: all of it is printed. */
  #showAll(showsAll: boolean): void {
    this.#showsAll = showsAll;
    this.#draw();
  }

  #setFollowing(isFollowing: boolean): void {
    if (isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    this.#onFollow(isFollowing);
  }
}

/** Adds what is new. A last part is cut shorter when it ends; then it is written once more. */
function grow(text: Text, part: string): void {
  if (text.length === part.length) return;
  if (part.length > text.length && part.startsWith(text.data)) {
    text.appendData(part.slice(text.length));
  } else text.data = part;
}
