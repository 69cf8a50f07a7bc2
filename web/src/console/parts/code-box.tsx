// A piece of code to copy: a name or tabs above, the text, which scrolls on its own.

import type { ComponentChildren } from 'preact';
import { CopyButton } from '../../ui/copy-button.js';

export interface CodeBoxProps {
  /** What the code is, for screen readers and where there are no tabs. */
  label: string;
  code: string;
  /** Instead of the label in sight. */
  heading?: ComponentChildren;
  /** Long lines are broken: for prose. */
  wraps?: boolean;
}

export function CodeBox({ label, code, heading, wraps = false }: CodeBoxProps) {
  return (
    <div class={`code-box ${wraps ? 'wraps' : ''}`}>
      <div class="code-box-head">
        <div class="grow">{heading ?? <span>{label}</span>}</div>
        <CopyButton text={() => code} />
      </div>
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{code}</code>
      </pre>
    </div>
  );
}
