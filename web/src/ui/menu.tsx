// A menu under a button: arrow keys, Escape, and the focus back where it was. It is placed inside the
// window wherever the button stands.

import type { IconNode } from 'lucide';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { Icon } from './icon.js';

export type MenuItem =
  | {
      label: string;
      icon?: IconNode;
      run: () => void;
      danger?: boolean;
      disabled?: boolean;
      /** Shown as chosen or not. */
      checked?: boolean;
    }
  | 'separator';

export interface MenuProps {
  items: readonly MenuItem[];
  /** The button that opens it; spread the given attributes onto it. */
  button: (attributes: {
    onClick: () => void;
    'aria-haspopup': 'menu';
    'aria-expanded': boolean;
    'aria-controls': string;
  }) => JSX.Element;
}

const GAP = 6;
const MARGIN = 8;

export function Menu({ items, button }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = (givesFocusBack: boolean) => {
    setOpen(false);
    if (givesFocusBack) anchor.current?.querySelector('button')?.focus();
  };

  useEffect(() => {
    if (!isOpen) return undefined;
    place(menu.current!, anchor.current!);
    itemsIn(menu.current!)[0]?.focus();
    const onPointerDown = (event: PointerEvent) => {
      if (!anchor.current!.contains(event.target as Node)) close(false);
    };
    const onScroll = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) close(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    window.addEventListener('resize', onScroll);
    document.addEventListener('scroll', onScroll, true);
    return () => {
      document.removeEventListener('pointerdown', onPointerDown);
      window.removeEventListener('resize', onScroll);
      document.removeEventListener('scroll', onScroll, true);
    };
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = itemsIn(menu.current!);
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const moves: Record<string, number> = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all[next]?.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.stopPropagation();
      if (event.key === 'Escape') event.preventDefault();
      close(event.key === 'Escape');
    }
  };

  return (
    <span class="menu-anchor" ref={anchor}>
      {button({
        onClick: () => setOpen(!isOpen),
        'aria-haspopup': 'menu',
        'aria-expanded': isOpen,
        'aria-controls': id,
      })}
      {isOpen && (
        <div class="menu" role="menu" id={id} ref={menu} onKeyDown={onKeyDown}>
          {items.map((item, index) => {
            if (item === 'separator') return <hr key={index} />;
            const { label, icon, run, danger, disabled, checked } = item;
            return (
              <button
                key={index}
                type="button"
                role={checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
                aria-checked={checked}
                class={danger ? 'danger' : ''}
                disabled={disabled}
                tabIndex={-1}
                onClick={() => {
                  close(true);
                  run();
                }}
              >
                {icon && <Icon node={icon} />}
                <span class="grow">{label}</span>
                {checked === true && <span aria-hidden="true">✓</span>}
              </button>
            );
          })}
        </div>
      )}
    </span>
  );
}

function itemsIn(menu: HTMLElement): HTMLButtonElement[] {
  return [...menu.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
}

/** Below the button, or above where there is more room; never beyond the window's edges. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const button = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = innerHeight - button.bottom - GAP - MARGIN;
  const isBelow = height <= below || below >= button.top;
  const left = Math.max(MARGIN, Math.min(button.left, innerWidth - width - MARGIN));
  const top = isBelow ? button.bottom + GAP : Math.max(MARGIN, button.top - GAP - height);
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}
