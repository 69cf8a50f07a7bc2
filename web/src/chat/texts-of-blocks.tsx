// How the texts of an answer are drawn: thoughts and Markdown.

import type { GrowingText } from '../../../src/web/growing-text.js';
import { Markdown } from '../render/markdown.js';
import { ThinkingView } from '../render/thinking-view.js';

export interface BlockTextProps {
  text: GrowingText;
  version: number;
  /** More may come. */
  isOpen: boolean;
}

export function ThoughtText({ text, version, isOpen }: BlockTextProps) {
  return <ThinkingView text={text} version={version} isLive={isOpen} />;
}

export function AnswerText({ text, version, isOpen }: BlockTextProps) {
  return (
    <div class="answer-text">
      <Markdown text={text} version={version} isStreaming={isOpen} />
    </div>
  );
}
