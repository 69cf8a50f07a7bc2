// A branch as one file to share: no script, nothing loaded from anywhere, and a policy in the page that
// says so, whatever was in the texts. Long conversations are written in slices, since the server has
// others to serve meanwhile.

import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FileRef, StoredMessage } from '../../wire.js';
import type { StoredConversation } from '../conversation-store.js';
import { escapeHtml } from './escape-html.js';
import { EXPORT_WORDS, type ExportLanguage, type ExportWords, shownTitle } from './export-words.js';
import { HTML_STYLE } from './html-style.js';
import { markdownHtml } from './markdown-html.js';
import { type ShownPart, type ShownTurn, shownTurns } from './shown-branch.js';

const SLICE_MS = 15;

const STYLE_HASH = createHash('sha256').update(HTML_STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

export async function htmlExport(
  conversation: StoredConversation,
  branch: readonly StoredMessage[],
  language: ExportLanguage,
): Promise<string> {
  const words = EXPORT_WORDS[language];
  const title = escapeHtml(shownTitle(conversation, branch, words));
  const turns: string[] = [];
  let sliceEnds = performance.now() + SLICE_MS;
  for (const turn of shownTurns(branch)) {
    turns.push(turnHtml(turn, words));
    if (performance.now() < sliceEnds) continue;
    await breathe();
    sliceEnds = performance.now() + SLICE_MS;
  }
  return `<!doctype html>
<html lang="${words.htmlLanguage}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="about">${aboutHtml(conversation, branch, words)}</p>
${systemHtml(conversation.settings.system, words)}</header>
<main>
${turns.join('\n')}
</main>
<footer>${words.savedFrom} · ${dayOf(conversation.updated_at)}</footer>
</body>
</html>
`;
}

function aboutHtml(
  { created_at: createdAt }: StoredConversation,
  branch: readonly StoredMessage[],
  words: ExportWords,
): string {
  const models = branch.flatMap((message) =>
    message.role === 'assistant' ? [words.model(message.model, message.thinking)] : [],
  );
  const tokens = branch.reduce(
    (sum, message) =>
      sum + (message.role === 'assistant' ? (message.usage?.completion_tokens ?? 0) : 0),
    0,
  );
  const parts = [
    dayOf(createdAt),
    ...new Set(models),
    ...(tokens > 0 ? [words.tokens(tokens)] : []),
  ];
  return parts.map((part) => `<span>${escapeHtml(part)}</span>`).join(' ');
}

function systemHtml(system: string, words: ExportWords): string {
  if (system === '') return '';
  return `<details class="system"><summary>${words.system}</summary><div class="inside"><pre>${escapeHtml(system)}</pre></div></details>\n`;
}

function turnHtml(turn: ShownTurn, words: ExportWords): string {
  if (turn.role === 'user') {
    const text =
      turn.text === '' ? '' : `<div class="bubble text">${markdownHtml(turn.text)}</div>`;
    return `<article class="user"><h2 class="who">${words.user}</h2>${text}${filesHtml(turn.files, words)}</article>`;
  }
  const parts = turn.parts.map((part) => partHtml(part, words));
  return `<article class="assistant"><h2 class="who">${words.assistant}</h2>\n${parts.join('\n')}</article>`;
}

function filesHtml(files: readonly FileRef[], words: ExportWords): string {
  if (files.length === 0) return '';
  const items = files.map(
    ({ name, tokens }) => `<li>${escapeHtml(name)}<small>${words.tokens(tokens)}</small></li>`,
  );
  return `<ul class="files" aria-label="${words.files}">${items.join('')}</ul>`;
}

function partHtml(part: ShownPart, words: ExportWords): string {
  switch (part.kind) {
    case 'text':
      return `<div class="text">${markdownHtml(part.text)}</div>`;
    case 'error':
      return `<div class="error">${words.error}<pre>${escapeHtml(part.text)}</pre></div>`;
    case 'reasoning': {
      const title = words.thinking(part.ms === null ? null : part.ms / 1000);
      const forced = part.forced ? ` <span class="state">${words.thinkingCut}</span>` : '';
      return `<details class="thoughts"><summary>${title}${forced}</summary><div class="inside">${escapeHtml(part.text)}</div></details>`;
    }
    case 'call':
      return callHtml(part, words);
    default:
      return part satisfies never;
  }
}

function callHtml({ call, result }: Extract<ShownPart, { kind: 'call' }>, words: ExportWords) {
  const name = escapeHtml(call.tool?.title ?? call.name);
  const seconds = result ? durationOf(result.duration_ms) : words.unanswered;
  const state = result?.is_error
    ? `<span class="state bad">${words.toolFailed} · ${seconds}</span>`
    : `<span class="state${result ? ' good' : ''}">${seconds}</span>`;
  const cut = result?.full_length == null ? '' : ` (${words.cut(result.full_length)})`;
  const outcome = result
    ? `<h3>${result.is_error ? words.toolFailed : words.toolResult}${cut}</h3><pre>${escapeHtml(pretty(result.content))}</pre>`
    : '';
  return `<details class="tool"><summary>${words.toolCall} <b>${name}</b> ${state}</summary><div class="inside"><pre>${escapeHtml(pretty(call.arguments))}</pre>${outcome}</div></details>`;
}

/** JSON on several lines; anything else as it is. */
function pretty(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text; // the model's or the tool's own words
  }
}

function durationOf(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}
