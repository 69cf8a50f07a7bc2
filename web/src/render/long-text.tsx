// A plain text of any length in a box that scrolls: thoughts, outputs of tools, long arguments.

import { ArrowDown } from 'lucide';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { GrowingText } from '../../../src/web/growing-text.js';
import { texts } from '../i18n/language.js';
import { Icon } from '../ui/icon.js';
import { LongTextView } from './long-text-view.js';
import './long-text.css';

const words = texts({
  en: { toEnd: 'To the end' },
  zh: { toEnd: '跳到末尾' },
});

export interface LongTextProps {
  text: GrowingText;
  /** Changes when the text has grown. */
  version: number;
  /** More will come: shown from its end, with a way back to it. */
  isLive: boolean;
  /** Name for screen readers. */
  label: string;
  /** Code and outputs in a fixed pitch. */
  mono?: boolean;
}

export function LongText({ text, version, isLive, label, mono = false }: LongTextProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<LongTextView>(undefined);
  const [isFollowing, setFollowing] = useState(true);
  useLayoutEffect(() => {
    const made = new LongTextView({ box: box.current!, onFollow: setFollowing, follows: isLive });
    view.current = made;
    return () => made.dispose();
  }, []);
  useLayoutEffect(() => view.current!.setParts(text.parts), [text, version]);
  return (
    <div class="long-text">
      <div
        ref={box}
        class={`long-text-box ${mono ? 'mono' : ''}`}
        // Said as a whole when it is over, not word by word; the reader moves in it with the arrows.
        role="log"
        aria-live="off"
        aria-busy={isLive}
        aria-label={label}
        tabIndex={0}
      />
      {isLive && !isFollowing && (
        <button type="button" class="long-text-end" onClick={() => view.current!.follow()}>
          <Icon node={ArrowDown} />
          {words().toEnd}
        </button>
      )}
    </div>
  );
}
