// Keeps the end of a growing list in sight while the reader is there, and leaves them alone when they
// have scrolled away.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

const NEAR_END = 48;

export interface FollowedEnd {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  isAtEnd: boolean;
  toEnd: () => void;
}

/** `subject`: another one is shown from its end; null = there is nothing to follow. */
export function useFollowEnd(subject: object | null): FollowedEnd {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);
  const toEnd = () => {
    const box = scroller.current;
    if (!box) return;
    follows.current = true;
    setAtEnd(true);
    box.scrollTop = box.scrollHeight;
  };
  useEffect(() => {
    if (subject === null) return undefined;
    const box = scroller.current!;
    let lastTop = box.scrollTop;
    const onScroll = () => {
      const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
      // Only the reader goes up; growth alone never ends the following.
      if (box.scrollTop < lastTop - 2 && !isNear) follows.current = false;
      if (isNear) follows.current = true;
      lastTop = box.scrollTop;
      setAtEnd(follows.current);
    };
    const observer = new ResizeObserver(() => {
      if (follows.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(content.current!);
    observer.observe(box);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', onScroll);
    };
  }, [subject]);
  useEffect(() => {
    if (subject !== null) toEnd();
  }, [subject]);
  return { scroller, content, isAtEnd, toEnd };
}
