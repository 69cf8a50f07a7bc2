// An icon of the lucide set: pictures beside words, never instead of a name for screen readers.

import type { IconNode } from 'lucide';
import { h } from 'preact';

export function Icon({ node, class: className = '' }: { node: IconNode; class?: string }) {
  return (
    <svg
      class={`icon ${className}`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {node.map(([tag, attributes], index) => h(tag, { key: index, ...attributes }))}
    </svg>
  );
}
