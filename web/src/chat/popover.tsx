// A small panel over a button: closes on Escape, outside clicks and when the focus leaves it; the focus
// goes back to the button.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface PopoverProps {
  label: string;
  /** The button that opens it; spread the given attributes onto it. */
  button: (attributes: {
    onClick: () => void;
    'aria-haspopup': 'dialog';
    'aria-expanded': boolean;
    'aria-controls': string;
  }) => JSX.Element;
  /** Default: above the button. */
  below?: boolean;
  children: (close: () => void) => ComponentChildren;
}

export function Popover({ label, button, below = false, children }: PopoverProps) {
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    anchor.current?.querySelector('button')?.focus();
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    const checked = panel.current!.querySelector<HTMLElement>('[aria-checked="true"]');
    (checked ?? panel.current!.querySelector<HTMLElement>('button, input'))?.focus();
    const onPointerDown = (event: PointerEvent) => {
      if (!anchor.current!.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [isOpen]);
  return (
    <span
      class="popover-anchor"
      ref={anchor}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget as Node | null;
        if (to && !anchor.current!.contains(to)) setOpen(false);
      }}
    >
      {button({
        onClick: () => setOpen(!isOpen),
        'aria-haspopup': 'dialog',
        'aria-expanded': isOpen,
        'aria-controls': id,
      })}
      {isOpen && (
        <div
          class={`popover ${below ? 'below' : ''}`}
          id={id}
          ref={panel}
          role="dialog"
          aria-label={label}
        >
          {children(close)}
        </div>
      )}
    </span>
  );
}
