// What the page and the frame of diagrams say to each other.

export interface DiagramOrder {
  type: 'draw';
  source: string;
  isDark: boolean;
}

export type DiagramAnswer =
  | { type: 'ready' }
  /** In pixels, of the whole drawing at the frame's width. */
  | { type: 'drawn'; height: number }
  | { type: 'failed'; message: string };
