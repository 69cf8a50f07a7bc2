// Whether an element is near what is seen of its scrolling ancestor; what is far away can leave the page
// while its place keeps its height.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';

const MARGIN = '1600px 0px';
/** A guess until it was seen: 60 characters a line of 26 pixels. */
const PIXELS_PER_CHARACTER = 26 / 60;

export function useNear(isWatched: boolean, characters: number) {
  const ref = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(!isWatched);
  const height = useRef(characters * PIXELS_PER_CHARACTER);
  useLayoutEffect(() => {
    if (!isWatched) {
      setNear(true);
      return undefined;
    }
    const element = ref.current!;
    const observer = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1)!;
        // Measured before it leaves, so that nothing below it moves.
        if (!entry.isIntersecting && element.childElementCount > 0) {
          height.current = entry.boundingClientRect.height;
        }
        setNear(entry.isIntersecting);
      },
      { root: scrollerOf(element), rootMargin: MARGIN },
    );
    observer.observe(element);
    const showAll = () => {
      observer.disconnect();
      setNear(true);
    };
    const watch = () => observer.observe(element);
    window.addEventListener('beforeprint', showAll);
    window.addEventListener('afterprint', watch);
    return () => {
      observer.disconnect();
      window.removeEventListener('beforeprint', showAll);
      window.removeEventListener('afterprint', watch);
    };
  }, [isWatched]);
  return { ref, isNear, height: height.current };
}

function scrollerOf(element: Element): Element | null {
  for (let each = element.parentElement; each; each = each.parentElement) {
    if (/(auto|scroll)/.test(getComputedStyle(each).overflowY)) return each;
  }
  return null;
}
