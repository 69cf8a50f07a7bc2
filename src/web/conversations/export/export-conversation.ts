// An export is one file: its text, type and name. The formats are a file each; markdown, html and code
// hold one branch, JSON holds everything.

import { WebError } from '../../web-error.js';
import type { ExportFormat, StoredMessage } from '../../wire.js';
import type { ConversationStore, StoredConversation } from '../conversation-store.js';
import { nextPrompt, type ToolsFor } from '../next-prompt.js';
import { chatRequest } from '../prompt.js';
import { type CodeLanguage, requestCode } from './code-export.js';
import { attachment } from './file-name.js';
import type { ExportLanguage } from './export-words.js';
import { htmlExport } from './html-export.js';
import { jsonExport } from './json-export.js';
import { markdownExport } from './markdown-export.js';

export interface ExportedFile {
  text: string;
  mediaType: string;
  /** Content-Disposition. */
  disposition: string;
}

interface Format {
  extension: string;
  mediaType: string;
  write: (source: ExportSource) => string | Promise<string>;
}

interface ExportOptions {
  store: ConversationStore;
  toolsFor: ToolsFor;
  /** Of this server, as the reader of the export reaches it. */
  baseUrl: string;
  /** Of what people read in it. */
  language: ExportLanguage;
}

interface ExportSource extends ExportOptions {
  keyId: string;
  conversation: StoredConversation;
  /** Root to leaf. */
  branch: StoredMessage[];
  leaveOut: readonly HiddenPart[];
}

/** What somebody who shares may keep to themselves. */
export type HiddenPart = 'reasoning' | 'tools' | 'system';

const FORMATS: Record<ExportFormat, Format> = {
  markdown: {
    extension: 'md',
    mediaType: 'text/markdown; charset=utf-8',
    write: ({ language, ...source }) => {
      const { conversation, branch } = withoutHidden(source);
      return markdownExport(conversation, branch, language);
    },
  },
  json: {
    extension: 'json',
    mediaType: 'application/json',
    write: async ({ store, keyId, conversation }) => {
      const { messages, id } = conversation;
      const fileIds = messages.flatMap((message) =>
        message.role === 'user' ? message.files.map((file) => file.id) : [],
      );
      const files = await store.fileTexts(keyId, id, [...new Set(fileIds)]);
      return jsonExport(conversation, files);
    },
  },
  html: {
    extension: 'html',
    mediaType: 'text/html; charset=utf-8',
    write: ({ language, ...source }) => {
      const { conversation, branch } = withoutHidden(source);
      return htmlExport(conversation, branch, language);
    },
  },
  curl: code('curl', { extension: 'sh', mediaType: 'text/x-shellscript; charset=utf-8' }),
  python: code('python', { extension: 'py', mediaType: 'text/x-python; charset=utf-8' }),
  typescript: code('typescript', { extension: 'ts', mediaType: 'text/plain; charset=utf-8' }),
};

export async function exportConversation(
  options: ExportOptions,
  {
    keyId,
    id,
    format,
    leaf,
    leaveOut = [],
  }: {
    keyId: string;
    id: string;
    format: ExportFormat;
    leaf: string | undefined;
    leaveOut?: readonly HiddenPart[];
  },
): Promise<ExportedFile> {
  const conversation = await options.store.get(keyId, id);
  const branch = branchOf(conversation, leaf ?? conversation.head_id);
  const { extension, mediaType, write } = FORMATS[format];
  return {
    text: await write({ ...options, keyId, conversation, branch, leaveOut }),
    mediaType,
    disposition: attachment(conversation.title, extension),
  };
}

function code(language: CodeLanguage, names: Omit<Format, 'write'>): Format {
  return {
    ...names,
    write: async ({ store, toolsFor, baseUrl, keyId, conversation, branch }) => {
      const { settings, id } = conversation;
      const asked = withoutAnswer(branch);
      if (asked.length === 0) {
        throw new WebError(400, 'nothing was asked here yet, so there is no request to export');
      }
      const { messages, tools } = await nextPrompt(
        { store, toolsFor },
        { keyId, conversationId: id, branch: asked, settings },
      );
      return requestCode(language, baseUrl, chatRequest({ settings, messages, tools }));
    },
  };
}

/** Up to what the model was asked last: the request that the answer came from, tools' results and all. */
function withoutAnswer(branch: readonly StoredMessage[]): StoredMessage[] {
  return branch.slice(0, branch.findLastIndex(({ role }) => role !== 'assistant') + 1);
}

function withoutHidden({
  conversation,
  branch,
  leaveOut,
}: Pick<ExportSource, 'conversation' | 'branch' | 'leaveOut'>): {
  conversation: StoredConversation;
  branch: StoredMessage[];
} {
  const { settings } = conversation;
  const system = leaveOut.includes('system') ? '' : settings.system;
  const shown = branch.flatMap((message): StoredMessage[] => {
    if (message.role === 'tool') return leaveOut.includes('tools') ? [] : [message];
    if (message.role === 'user') return [message];
    return [
      {
        ...message,
        ...(leaveOut.includes('reasoning') && { reasoning: null }),
        ...(leaveOut.includes('tools') && { tool_calls: [] }),
      },
    ];
  });
  return { conversation: { ...conversation, settings: { ...settings, system } }, branch: shown };
}

/** @throws WebError 404 */
function branchOf({ messages, id }: StoredConversation, leafId: string | null): StoredMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: StoredMessage[] = [];
  for (let at = leafId; at !== null;) {
    const message = byId.get(at);
    if (!message) throw new WebError(404, `there is no message ${JSON.stringify(at)} in ${id}`);
    branch.push(message);
    at = message.parent_id;
  }
  return branch.toReversed();
}
