// Whether a part of a long text is in the page. `now`: it is. `soon`: it comes in its turn and stays.
// `near`: it comes in its turn when it is near what is seen of its scrolling ancestor, and leaves when it
// is far away, while its place keeps its height.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Chunk } from '../lib/markdown-chunks.js';
import { workSoon } from './work-slices.js';

export type ShownMode = 'now' | 'soon' | 'near';

const MARGIN = '1600px 0px';
/** A guess until it was seen: lines of 26 pixels, long ones broken at 60 characters. */
const PIXELS_PER_LINE = 26;
const CHARACTERS_PER_LINE = 60;

export function useShown(mode: ShownMode, { characters, lines }: Chunk) {
  const ref = useRef<HTMLDivElement>(null);
  const [isShown, setShown] = useState(mode === 'now');
  const height = useRef(Math.max(lines, characters / CHARACTERS_PER_LINE) * PIXELS_PER_LINE);
  useLayoutEffect(() => {
    if (mode === 'now') {
      setShown(true);
      return undefined;
    }
    if (mode === 'soon') return workSoon(() => setShown(true), true);
    const element = ref.current!;
    let takeBack = () => {};
    const observer = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1)!;
        takeBack();
        if (entry.isIntersecting) {
          takeBack = workSoon(() => setShown(true), true);
          return;
        }
        // Measured before it leaves, so that nothing below it moves.
        if (element.childElementCount > 0) height.current = entry.boundingClientRect.height;
        setShown(false);
      },
      { root: scrollerOf(element), rootMargin: MARGIN },
    );
    observer.observe(element);
    const showForPrint = () => {
      observer.disconnect();
      setShown(true);
    };
    const watch = () => observer.observe(element);
    window.addEventListener('beforeprint', showForPrint);
    window.addEventListener('afterprint', watch);
    return () => {
      takeBack();
      observer.disconnect();
      window.removeEventListener('beforeprint', showForPrint);
      window.removeEventListener('afterprint', watch);
    };
  }, [mode]);
  return { ref, isShown, height: height.current };
}

function scrollerOf(element: Element): Element | null {
  for (let each = element.parentElement; each; each = each.parentElement) {
    if (/(auto|scroll)/.test(getComputedStyle(each).overflowY)) return each;
  }
  return null;
}
