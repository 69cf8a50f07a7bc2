// One conversation of `conversations.json`, as ChatGPT and DeepSeek's chat export it: a tree of nodes
// by id, most of them with a message. Branches are kept. The two differ in how a message looks.

import { z } from 'zod';
import { WebError } from '../../web-error.js';
import { oneLine } from '../conversation-schemas.js';
import type { WholeConversation } from '../conversation-store.js';
import type { ImportContext } from './import-conversations.js';
import { importedAnswer, type ImportedMessage, importedQuestion } from './imported-messages.js';

/** Seconds since 1970 or ISO 8601. */
const time = z.union([z.number(), z.string().max(64)]).nullish();

const treeSchema = z.object({
  title: z.string().nullish(),
  create_time: time,
  update_time: time,
  inserted_at: time,
  updated_at: time,
  current_node: z.string().nullish(),
  mapping: z.record(
    z.string(),
    z.object({
      parent: z.string().nullish(),
      children: z.array(z.string()).default([]),
      message: z.looseObject({}).nullish(),
    }),
  ),
});

const chatGptMessage = z.object({
  author: z.object({ role: z.string() }),
  create_time: time,
  content: z.looseObject({
    content_type: z.string(),
    parts: z.array(z.unknown()).optional(),
  }),
});

const deepSeekMessage = z.object({
  inserted_at: time,
  files: z.array(z.unknown()).nullish(),
  fragments: z.array(z.looseObject({ type: z.string(), content: z.string().nullish() })),
});

interface Read {
  role: 'user' | 'assistant';
  text: string;
  reasoning: string | null;
  at: Date | undefined;
}

export function isTreeExport(value: unknown): value is object {
  const { mapping } = (value ?? {}) as { mapping?: unknown };
  return typeof mapping === 'object' && mapping !== null;
}

/** @throws WebError, ZodError */
export function readTree(value: object, context: ImportContext): WholeConversation {
  const tree = treeSchema.parse(value);
  const { mapping } = tree;
  const createdAt = dateOf(tree.create_time ?? tree.inserted_at) ?? context.now;
  const messages: ImportedMessage[] = [];
  /** Node -> the message that stands for it, or for the nearest node above that has one. */
  const standing = new Map<string, string | null>();
  const roots = Object.keys(mapping).filter((id) => !mapping[mapping[id]!.parent ?? '']);
  const waiting = roots.toReversed().map((id) => ({ id, above: null as string | null }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { id, above } = next;
    const node = mapping[id];
    if (!node || standing.has(id)) continue;
    const read = node.message ? readMessage(node.message, context) : undefined;
    const place = { parentId: above, at: read?.at ?? createdAt };
    if (read?.role === 'user') messages.push(importedQuestion(read.text, place));
    if (read?.role === 'assistant') {
      messages.push(importedAnswer({ content: read.text, reasoning: read.reasoning }, place));
    }
    const here = read ? messages.at(-1)!.id : above;
    standing.set(id, here);
    waiting.push(...node.children.toReversed().map((child) => ({ id: child, above: here })));
  }
  if (messages.length === 0) throw new WebError(400, 'the conversation holds no text');
  return {
    title: oneLine(tree.title ?? '').slice(0, 200),
    folder: null,
    tags: [],
    settings: {},
    messages,
    files: [],
    headId: standing.get(tree.current_node ?? '') ?? messages.at(-1)!.id,
    createdAt,
    updatedAt: dateOf(tree.update_time ?? tree.updated_at) ?? createdAt,
  };
}

/** undefined = nothing of it is taken, which is counted where there was something. */
function readMessage(message: object, context: ImportContext): Read | undefined {
  const ours = deepSeekMessage.safeParse(message);
  if (ours.success) return readDeepSeek(ours.data, context);
  const theirs = chatGptMessage.safeParse(message);
  if (theirs.success) return readChatGpt(theirs.data, context);
  context.leaveOut('message');
  return undefined;
}

function readDeepSeek(
  { fragments, files, inserted_at: at }: z.infer<typeof deepSeekMessage>,
  context: ImportContext,
): Read | undefined {
  const textOf = (...types: string[]) =>
    fragments
      .filter(({ type }) => types.includes(type))
      .map(({ content }) => content ?? '')
      .join('\n\n');
  const known = ['REQUEST', 'RESPONSE', 'THINK'];
  context.leaveOut('attachment', files?.length ?? 0);
  context.leaveOut('tool_call', fragments.filter(({ type }) => !known.includes(type)).length);
  if (fragments.some(({ type }) => type === 'REQUEST')) {
    return { role: 'user', text: textOf('REQUEST'), reasoning: null, at: dateOf(at) };
  }
  const [text, reasoning] = [textOf('RESPONSE'), textOf('THINK')];
  if (text === '' && reasoning === '') return undefined;
  return {
    role: 'assistant',
    text,
    reasoning: reasoning === '' ? null : reasoning,
    at: dateOf(at),
  };
}

function readChatGpt(
  { author: { role }, content, create_time: at }: z.infer<typeof chatGptMessage>,
  context: ImportContext,
): Read | undefined {
  const parts = content.parts ?? [];
  const texts = parts.filter((part) => typeof part === 'string');
  const text = texts.join('\n\n');
  const isText = ['text', 'multimodal_text'].includes(content.content_type);
  if (isText && (role === 'user' || role === 'assistant')) {
    context.leaveOut('attachment', parts.length - texts.length);
    return text === '' ? undefined : { role, text, reasoning: null, at: dateOf(at) };
  }
  // System messages there are empty, or the product's own.
  if (role !== 'system') context.leaveOut(role === 'tool' || !isText ? 'tool_call' : 'message');
  return undefined;
}

function dateOf(value: number | string | null | undefined): Date | undefined {
  if (value === null || value === undefined) return undefined;
  const date = new Date(typeof value === 'number' ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
