// One number at the top of a page: what it counts, and a line under it. Stands in a `dl.figures`.

import type { ComponentChildren } from 'preact';

export interface FigureProps {
  label: string;
  value: ComponentChildren;
  more?: ComponentChildren;
}

export function Figure({ label, value, more }: FigureProps) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>{value}</dd>
      {more !== undefined && <dd class="more">{more}</dd>}
    </div>
  );
}
