// Adds a stream up to the message it carries, so that a requirement can speak of the whole. One
// function per dialect; unknown events add nothing. What is built here is compared, never trusted.

import { isMap, type Json, type JsonMap, member } from './json-value.js';

/** Chat and FIM chunks: `{content, reasoning, text, tool_calls, finish_reason, usage}`. */
export function joinChunks(chunks: readonly Json[]): JsonMap {
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  const joined: JsonMap = {
    content: '',
    reasoning: '',
    text: '',
    finish_reason: null,
    usage: null,
  };
  for (const chunk of chunks) {
    if (!isMap(chunk)) continue;
    const choice = first(chunk['choices']);
    const delta = mapIn(choice, 'delta');
    add(joined, 'content', delta['content']);
    add(joined, 'reasoning', delta['reasoning_content']);
    add(joined, 'text', choice['text']);
    for (const part of listIn(delta, 'tool_calls')) addCall(calls, part);
    joined['finish_reason'] = choice['finish_reason'] ?? joined['finish_reason']!;
    joined['usage'] = member(chunk, 'usage') ?? joined['usage']!;
  }
  joined['tool_calls'] = [...calls].map(([index, call]) => ({ index, ...call }));
  return joined;
}

function addCall(
  calls: Map<number, { id: string; name: string; arguments: string }>,
  part: Json,
): void {
  if (!isMap(part) || typeof part['index'] !== 'number') return;
  const called = mapIn(part, 'function');
  const call = calls.get(part['index']) ?? { id: '', name: '', arguments: '' };
  calls.set(part['index'], {
    id: call.id + textOf(part['id']),
    name: call.name + textOf(called['name']),
    arguments: call.arguments + textOf(called['arguments']),
  });
}

/** Anthropic events: `{content: [blocks], stop_reason, stop_sequence, usage}`. */
export function joinMessageEvents(events: readonly JsonMap[]): JsonMap {
  const blocks: JsonMap[] = [];
  const joined: JsonMap = { content: blocks, stop_reason: null, stop_sequence: null, usage: {} };
  for (const { data } of events) {
    if (!isMap(data)) continue;
    const delta = mapIn(data, 'delta');
    const block = blocks[Number(data['index'])];
    if (data['type'] === 'content_block_start') {
      blocks.push({ ...mapIn(data, 'content_block') });
    } else if (data['type'] === 'content_block_delta' && block) {
      for (const field of ['text', 'thinking', 'signature']) add(block, field, delta[field]);
      if (delta['type'] === 'input_json_delta') add(block, 'input_json', delta['partial_json']);
    } else if (data['type'] === 'message_delta') {
      joined['stop_reason'] = delta['stop_reason'] ?? null;
      joined['stop_sequence'] = delta['stop_sequence'] ?? null;
      joined['usage'] = { ...mapIn(joined, 'usage'), ...mapIn(data, 'usage') };
    } else if (data['type'] === 'message_start') {
      joined['usage'] = mapIn(mapIn(data, 'message'), 'usage');
    }
  }
  return joined;
}

function add(target: JsonMap, field: string, piece: Json | undefined): void {
  if (typeof piece === 'string') target[field] = textOf(target[field]) + piece;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function first(value: Json | undefined): JsonMap {
  const item = Array.isArray(value) ? value[0] : undefined;
  return isMap(item) ? item : {};
}

function mapIn(map: JsonMap, key: string): JsonMap {
  const value = member(map, key);
  return isMap(value) ? value : {};
}

function listIn(map: JsonMap, key: string): Json[] {
  const value = member(map, key);
  return Array.isArray(value) ? value : [];
}
