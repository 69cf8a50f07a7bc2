// Buttons: with words, or an icon with a name. `href` makes a link that looks like one.

import type { IconNode } from 'lucide';
import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon.js';

type Rest = Omit<JSX.IntrinsicElements['button'], 'icon' | 'size' | 'class' | 'children'>;

export interface ButtonProps extends Rest {
  kind?: 'primary' | 'danger' | 'ghost' | 'plain';
  size?: 'small' | 'normal';
  icon?: IconNode;
  /** Shows a spinner and takes no clicks. */
  busy?: boolean;
  class?: string;
  children: ComponentChildren;
}

export function Button({
  kind = 'plain',
  size = 'normal',
  icon,
  busy = false,
  class: className = '',
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={`button ${kind === 'plain' ? '' : kind} ${size === 'small' ? 'small' : ''} ${className}`}
      disabled={rest.disabled === true || busy}
      aria-busy={busy}
    >
      {busy ? <span class="spinner" /> : icon && <Icon node={icon} />}
      {children}
    </button>
  );
}

export interface LinkButtonProps {
  href: string;
  kind?: 'primary' | 'ghost' | 'plain';
  size?: 'small' | 'normal';
  icon?: IconNode;
  children: ComponentChildren;
}

export function LinkButton({ href, kind = 'plain', size, icon, children }: LinkButtonProps) {
  const classes = `button ${kind === 'plain' ? '' : kind} ${size === 'small' ? 'small' : ''}`;
  return (
    <a href={href} class={classes}>
      {icon && <Icon node={icon} />}
      {children}
    </a>
  );
}

export interface IconButtonProps extends Rest {
  icon: IconNode;
  /** What it does: the accessible name and the tooltip. */
  label: string;
  size?: 'small' | 'normal';
  class?: string;
}

export function IconButton({
  icon,
  label,
  size = 'normal',
  class: className = '',
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      class={`icon-button ${size === 'small' ? 'small' : ''} ${className}`}
    >
      <Icon node={icon} />
    </button>
  );
}
