// The drawing half of <Markdown>, loaded with its parser. Final blocks are parsed and drawn once; the open
// end is drawn at most once per frame, and less often when drawing it takes long. Blocks are kept in
// chunks; of a long answer only the chunks near what is seen are in the page.

import { Component } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { GrowingText } from '../../../src/web/growing-text.js';
import { MarkdownChunks, type Chunk, type ShownBlock } from '../lib/markdown-chunks.js';
import { parseMarkdown, type References } from '../lib/markdown-parser.js';
import { useNear } from './near.js';
import { markdownNodes } from './markdown-nodes.js';

/** Of the time, at most one part in this many goes to the open end of a text. */
const REST = 4;
/** Shorter answers stay in the page as a whole: the browser's own search finds all of them. */
const MIN_CHUNKS_TO_FOLD = 6;

export interface MarkdownViewProps {
  text: GrowingText;
  /** Changes when the text has grown. */
  version: number;
  isStreaming: boolean;
}

export function MarkdownView({ text, version, isStreaming }: MarkdownViewProps) {
  const model = useMemo(() => {
    const made = new MarkdownChunks();
    made.take(text, !isStreaming);
    return made;
  }, [text]);
  useFrames(model, { text, version, isStreaming });
  const { chunks, references } = model;
  const canFold = chunks.length >= MIN_CHUNKS_TO_FOLD;
  return (
    <div class="md" aria-busy={isStreaming}>
      {chunks.map((chunk, index) => (
        <ChunkView
          key={index}
          chunk={chunk}
          version={chunk.version}
          references={references}
          canFold={canFold && index < chunks.length - 1}
        />
      ))}
    </div>
  );
}

/** Takes in what came and draws again, once per frame and never most of the time. */
function useFrames(model: MarkdownChunks, { text, version, isStreaming }: MarkdownViewProps): void {
  const [, draw] = useState(0);
  const state = useRef({ frame: 0, began: 0, notBefore: 0 }).current;
  const newest = useRef({ text, isStreaming });
  newest.current = { text, isStreaming };
  useLayoutEffect(() => {
    if (state.began === 0) return;
    const now = performance.now();
    state.notBefore = now + (now - state.began) * REST;
    state.began = 0;
  });
  useEffect(() => {
    const tick = (now: number) => {
      const { text, isStreaming } = newest.current;
      if (isStreaming && now < state.notBefore) {
        state.frame = requestAnimationFrame(tick);
        return;
      }
      state.frame = 0;
      const began = performance.now();
      if (!model.take(text, !isStreaming)) return;
      state.began = began;
      draw((count) => count + 1);
    };
    state.frame ||= requestAnimationFrame(tick);
  }, [version, isStreaming, model]);
  useEffect(() => () => cancelAnimationFrame(state.frame), []);
}

interface ChunkProps {
  chunk: Chunk;
  version: number;
  references: References;
  /** May leave the page while it is far away. */
  canFold: boolean;
}

class ChunkView extends Component<ChunkProps> {
  override shouldComponentUpdate(next: ChunkProps): boolean {
    const { chunk, version, canFold } = this.props;
    return next.chunk !== chunk || next.version !== version || next.canFold !== canFold;
  }

  override render(props: ChunkProps) {
    return <NearChunk {...props} />;
  }
}

/** The chunk changes in place: `version` is what tells that there is something to draw. */
function NearChunk({ chunk, references, canFold }: ChunkProps) {
  const { ref, isNear, height } = useNear(canFold, chunk.characters);
  return (
    <div ref={ref} class="md-chunk" style={{ height: isNear ? '' : `${height}px` }}>
      {isNear &&
        chunk.blocks.map((block, index) => (
          <BlockView key={index} {...block} references={references} />
        ))}
    </div>
  );
}

type BlockProps = ShownBlock & { references: References };

/** Drawn once per source: a final block is never touched again. */
class BlockView extends Component<BlockProps> {
  override shouldComponentUpdate(next: BlockProps): boolean {
    const { source, version, isOpen } = this.props;
    return next.source !== source || next.version !== version || next.isOpen !== isOpen;
  }

  override render({ source, isOpen, references }: BlockProps) {
    const tokens = parseMarkdown(source, { references: { ...references }, isOpen });
    return <>{markdownNodes(tokens, { isOpen })}</>;
  }
}
