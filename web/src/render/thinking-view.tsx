// The model's thoughts: plain text that may run to 100,000 tokens and more at full speed. Screen readers
// hear that it goes on and that it is over, not every word; they read the text itself where it stands.

import type { GrowingText } from '../../../src/web/growing-text.js';
import { texts } from '../i18n/language.js';
import { LongText } from './long-text.js';
import './thinking-view.css';

const words = texts({
  en: { label: 'Thoughts of the model', live: 'Thinking', over: 'Thinking is over' },
  zh: { label: '模型的思考内容', live: '正在思考', over: '思考结束' },
});

export interface ThinkingViewProps {
  text: GrowingText;
  /** Changes when the text has grown. */
  version: number;
  isLive: boolean;
}

export function ThinkingView({ text, version, isLive }: ThinkingViewProps) {
  const t = words();
  return (
    <div class="thinking-view">
      <LongText text={text} version={version} isLive={isLive} label={t.label} />
      <span class="visually-hidden" role="status">
        {isLive ? t.live : t.over}
      </span>
    </div>
  );
}
