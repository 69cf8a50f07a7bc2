// A selection report for a terminal: what was kept per layer, what it was worth, and which tokens
// were kept most and least. Token texts come from a model and are escaped.

import type { ReportLayer, ReportToken, SelectionReport } from './inspect-report.js';
import { table } from './store-options.js';

/** Characters of the strip that shows kept positions along the prompt. */
const STRIP_WIDTH = 48;
const BARS = ' ▁▂▃▄▅▆▇█';
/** Tokens named as kept most and least. */
const MAX_NAMED = 5;
const MAX_TOKEN_CHARS = 48;

export function describeSelection(report: SelectionReport): string {
  const { model, top_k: topk } = report;
  const lines = [
    `${visible(model.name)}: ${model.layers} layers, keeps ${model.top_k} positions per token and layer`,
    `${report.prompt_tokens} prompt tokens, ${report.generated_tokens} generated; ` +
      `${report.queries} traced, ${report.sparse_queries} of them sparse`,
  ];
  if (report.cut_tokens > 0) {
    lines.push(`${report.cut_tokens} tokens before these were left out (--max-prompt)`);
  }
  if (report.what_if) {
    lines.push(
      `what if it kept ${topk}: the reply was computed with ${model.top_k}; the figures below tell what ${topk} would hold of it`,
    );
  }
  if (report.generated_tokens > 0) lines.push('', `reply  ${shortened(report.reply, 400)}`);
  lines.push('');
  if (report.summary === null) {
    lines.push(
      `Nothing was sparse: no traced token sees more than ${topk} positions, so each looks at all of them.`,
      `A longer prompt, or --topk with a number below ${report.tokens.length - 1}, shows a selection.`,
    );
    return lines.join('\n');
  }
  const { never_kept: neverKept, seen } = report.summary;
  lines.push(
    layerTable(report),
    '',
    `recall      dense attention of the same token that lies on the ${topk} kept positions`,
    `best        the most that any ${topk} positions could hold; window: what the last ${topk} hold`,
    `overlap     kept positions that are among those best`,
    '',
    `never kept by any layer  ${neverKept} of ${seen} positions (${percent(neverKept / seen)})`,
    ...namedTokens(report),
  );
  if (report.omitted_queries > 0) {
    lines.push(`${report.omitted_queries} traced tokens are in the totals only`);
  }
  return lines.join('\n');
}

function layerTable(report: SelectionReport): string {
  const rows = report.layer_totals.map((layer) => [
    String(layer.layer),
    percent(layer.recall.mean),
    percent(layer.recall.min),
    percent(layer.best_recall),
    percent(layer.window_recall),
    percent(layer.overlap),
    String(layer.never_kept),
    strip(layer, report),
  ]);
  const head = ['layer', 'recall', 'worst head', 'best', 'window', 'overlap', 'never kept'];
  return table([...head, 'kept, over the prompt'.padEnd(STRIP_WIDTH)], rows, 0);
}

/** How often each part of the prompt was kept by those that saw it, relative to the part kept most. */
function strip({ kept_count: kept }: ReportLayer, report: SelectionReport): string {
  if (kept === null) return '';
  const { prompt_tokens: numPrompt, tokens, layers } = report;
  const width = Math.min(STRIP_WIDTH, numPrompt);
  const shares = Array.from({ length: width }, (_, i) => {
    const [first, end] = [i, i + 1].map((at) => Math.floor((at * numPrompt) / width));
    const part = tokens.slice(first, end);
    const numSeen = part.reduce((sum, { seen }) => sum + seen / layers.length, 0);
    const numKept = part.reduce((sum, { position }) => sum + kept[position]!, 0);
    return numSeen === 0 ? 0 : numKept / numSeen;
  });
  const most = Math.max(...shares);
  return shares
    .map((share) => BARS[share === 0 ? 0 : Math.max(1, Math.round((8 * share) / most))]!)
    .join('')
    .padEnd(STRIP_WIDTH);
}

/** Of the prompt: the answer is always near and nearly always kept. */
function namedTokens({ tokens }: SelectionReport): string[] {
  const seen = tokens.filter((token) => token.seen > 0 && token.from === 'prompt');
  const share = (token: ReportToken): number => token.kept / token.seen;
  const byShare = seen.toSorted((a, b) => share(b) - share(a) || a.position - b.position);
  const name = (token: ReportToken): string =>
    `  ${percent(share(token)).padStart(7)}  ${String(token.position).padStart(6)}  ${shortened(token.text, MAX_TOKEN_CHARS)}`;
  const least = byShare.slice(-MAX_NAMED).toReversed();
  const most = byShare.slice(0, MAX_NAMED);
  return [
    'most kept of the prompt',
    ...most.map(name),
    'least kept of the prompt',
    ...least.map(name),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function shortened(text: string, maxChars: number): string {
  const characters = Array.from(text);
  const cut =
    characters.length > maxChars ? `${characters.slice(0, maxChars - 1).join('')}…` : text;
  return `"${visible(cut)}"`;
}

/**
 * Characters that move a cursor, start an escape sequence or turn the direction of a line, by their
 * numbers; what else has no form of its own likewise.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}
