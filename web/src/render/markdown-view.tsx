// The drawing half of <Markdown>, loaded with its parser. Final blocks are parsed and drawn once; the open
// end is drawn at most once per frame, and less often when drawing it takes long. Blocks are kept in
// chunks; of a long answer only the chunks near what is seen are in the page.

import { Component } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { GrowingText } from '../../../src/web/growing-text.js';
import { MarkdownChunks, type Chunk, type ShownBlock } from '../lib/markdown-chunks.js';
import { parseMarkdown, type References } from '../lib/markdown-parser.js';
import { markdownNodes } from './markdown-nodes.js';
import { type ShownMode, useShown } from './use-shown.js';

/** Of the time, at most one part in this many goes to drawing what comes. */
const REST = 2;
/** Taken in at once; the rest waits for the next frame. */
const CHARACTERS_PER_FRAME = 1500;
/** Shorter answers stay in the page as a whole: the browser's own search finds all of them. */
const MIN_CHUNKS_TO_FOLD = 8;

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
  const folds = chunks.length >= MIN_CHUNKS_TO_FOLD;
  return (
    <div class="md" aria-busy={isStreaming}>
      {chunks.map((chunk, index) => (
        <ChunkView
          key={index}
          chunk={chunk}
          version={chunk.version}
          references={references}
          mode={index >= chunks.length - 2 ? 'now' : folds ? 'near' : 'soon'}
        />
      ))}
    </div>
  );
}

/** Takes in what came and draws again, once per frame and never most of the time. */
function useFrames(model: MarkdownChunks, { text, version, isStreaming }: MarkdownViewProps): void {
  const [, draw] = useState(0);
  const state = useRef({ frame: 0, began: 0, notBefore: 0 }).current;
  const newest = useRef({ model, text, isStreaming });
  newest.current = { model, text, isStreaming };
  useLayoutEffect(() => {
    if (state.began === 0) return;
    const now = performance.now();
    state.notBefore = now + (now - state.began) * REST;
    state.began = 0;
  });
  useEffect(() => {
    const tick = (now: number) => {
      const { model, text, isStreaming } = newest.current;
      if (now >= state.notBefore) {
        const began = performance.now();
        if (model.take(text, !isStreaming, CHARACTERS_PER_FRAME)) {
          state.began = began;
          draw((count) => count + 1);
        }
        if (!model.isBehind) {
          state.frame = 0;
          return;
        }
      }
      state.frame = requestAnimationFrame(tick);
    };
    state.frame ||= requestAnimationFrame(tick);
  }, [version, isStreaming, model]);
  useEffect(() => () => cancelAnimationFrame(state.frame), []);
}

interface ChunkProps {
  chunk: Chunk;
  version: number;
  references: References;
  mode: ShownMode;
}

class ChunkView extends Component<ChunkProps> {
  override shouldComponentUpdate(next: ChunkProps): boolean {
    const { chunk, version, mode } = this.props;
    return next.chunk !== chunk || next.version !== version || next.mode !== mode;
  }

  override render(props: ChunkProps) {
    return <ChunkBody {...props} />;
  }
}

/** The chunk changes in place: `version` is what tells that there is something to draw. */
function ChunkBody({ chunk, references, mode }: ChunkProps) {
  const { ref, isShown, height } = useShown(mode, chunk);
  return (
    <div ref={ref} class="md-chunk" style={{ height: isShown ? '' : `${height}px` }}>
      {isShown &&
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
