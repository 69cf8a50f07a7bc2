// Where a tool call stands, in a word, and how long it took or has taken.

import { Ban, Check, ShieldQuestion, TriangleAlert } from 'lucide';
import { useEffect, useRef } from 'preact/hooks';
import type { ToolBlock } from '../../../src/web/turn.js';
import { formatDuration } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { Icon } from '../ui/icon.js';
import { useNow } from './use-now.js';

const words = texts({
  en: {
    writing: 'writing arguments…',
    called: 'waiting to run…',
    asking: 'waiting for you',
    running: 'running…',
    denied: 'not allowed',
    cut: 'not run',
    failed: 'failed',
  },
  zh: {
    writing: '正在写参数…',
    called: '等待运行…',
    asking: '等待你的决定',
    running: '运行中…',
    denied: '未获允许',
    cut: '未运行',
    failed: '失败',
  },
});

export interface ToolStatusProps {
  block: ToolBlock;
  version: number;
  failed: boolean;
}

export function ToolStatus({ block, failed }: ToolStatusProps) {
  const { state, result } = block;
  const since = useRef(performance.now());
  const runs = state === 'running';
  useEffect(() => {
    if (runs) since.current = performance.now();
  }, [runs]);
  const now = useNow(runs);
  const t = words();
  if (state === 'done') {
    return (
      <span class={`tool-status ${failed ? 'bad' : 'good'}`}>
        <Icon node={failed ? TriangleAlert : Check} />
        {failed && t.failed}
        <span class="numbers">{formatDuration(result!.durationMs)}</span>
      </span>
    );
  }
  if (state === 'asking') {
    return (
      <span class="tool-status warn">
        <Icon node={ShieldQuestion} />
        {t.asking}
      </span>
    );
  }
  if (state === 'denied' || state === 'cut') {
    return (
      <span class="tool-status">
        <Icon node={Ban} />
        {t[state]}
      </span>
    );
  }
  return (
    <span class="tool-status">
      <span class="spinner" />
      {t[state]}
      {runs && <span class="numbers">{formatDuration(Math.max(0, now - since.current))}</span>}
    </span>
  );
}
