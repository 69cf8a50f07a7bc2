// A branch as Markdown. Questions and answers are Markdown already and stand as they are; everything
// else is in fences longer than any run of backticks inside, so that no text ends its own fence.

import type { StoredMessage } from '../../wire.js';
import type { StoredConversation } from '../conversation-store.js';
import { EXPORT_WORDS, type ExportLanguage, type ExportWords, shownTitle } from './export-words.js';
import { type ShownPart, type ShownTurn, shownTurns } from './shown-branch.js';

export function markdownExport(
  conversation: StoredConversation,
  branch: readonly StoredMessage[],
  language: ExportLanguage,
): string {
  const words = EXPORT_WORDS[language];
  const { system } = conversation.settings;
  const blocks = [
    `# ${plain(shownTitle(conversation, branch, words))}`,
    ...(system === '' ? [] : [folded(words.system, system)]),
    ...shownTurns(branch).flatMap((turn) => turnBlocks(turn, words)),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function turnBlocks(turn: ShownTurn, words: ExportWords): string[] {
  if (turn.role === 'assistant') {
    const about = words.model(turn.model, turn.thinking);
    return [
      `## ${words.assistant} (${about})`,
      ...turn.parts.map((part) => partBlock(part, words)),
    ];
  }
  const files = turn.files.map(({ name, tokens }) => `- ${plain(name)} (${words.tokens(tokens)})`);
  return [
    `## ${words.user}`,
    ...(turn.text === '' ? [] : [closed(turn.text)]),
    ...(files.length === 0 ? [] : [`**${words.files}**\n\n${files.join('\n')}`]),
  ];
}

function partBlock(part: ShownPart, words: ExportWords): string {
  switch (part.kind) {
    case 'text':
      return closed(part.text);
    case 'error':
      return `> **${words.error}**\n\n${fenced(part.text)}`;
    case 'reasoning': {
      const title = words.thinking(part.ms === null ? null : part.ms / 1000);
      return folded(part.forced ? `${title}, ${words.thinkingCut}` : title, part.text);
    }
    case 'call': {
      const { call, result } = part;
      const title = `**${words.toolCall}: ${plain(call.tool?.title ?? call.name)}**`;
      const outcome = !result
        ? `*${words.unanswered}*`
        : `*${result.is_error ? words.toolFailed : words.toolResult}*\n\n${fenced(result.content)}`;
      return `${title}\n\n${fenced(call.arguments, 'json')}\n\n${outcome}`;
    }
    default:
      return part satisfies never;
  }
}

function folded(title: string, text: string): string {
  return `<details>\n<summary>${plain(title)}</summary>\n\n${fenced(text)}\n\n</details>`;
}

export function fenced(text: string, language = 'text'): string {
  const runs = text.match(/`+/g) ?? [];
  const longest = runs.reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** One line in which nothing is Markdown or HTML. */
export function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_{}[\]<>()#+!|&~-]/g, '\\$&');
}

/** Markdown that is cut within a fence or a comment would take the rest of the document along. */
export function closed(markdown: string): string {
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    const [, run = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (run === '') continue;
    if (fence === undefined) {
      if (run[0] === '~' || !rest.includes('`')) fence = run;
    } else if (run[0] === fence[0] && run.length >= fence.length && rest.trim() === '') {
      fence = undefined;
    }
  }
  const text = markdown.replace(/\n+$/, '');
  if (fence !== undefined) return `${text}\n${fence}`;
  return text.lastIndexOf('<!--') > text.lastIndexOf('-->') ? `${text}\n-->` : text;
}
