// Conversations as the store returns them, of any shape and text: trees of messages with thoughts,
// tools, files and hostile strings.

import fc from 'fast-check';
import type { ConversationSettings, StoredMessage } from '../../src/web/wire.js';
import { SETTINGS } from './web-conversations.js';

/** Texts that break out of what they are put into, where it is not done right. */
export const HOSTILE = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '</details></style></title><iframe src=//evil.example>',
  '[click](javascript:alert(1)) ![x](javascript:alert(1)) ![p](http://evil.example/p.png)',
  '<javascript:alert(1)> [a](data:text/html,<script>alert(1)</script>)',
  '[a](<https://e.example/"onclick="alert(1)>) ![" onerror="x](https://e.example/"x)',
  '```\n</code></pre><script>alert(1)</script>\n```',
  '```"><script>alert(1)</script>\ncode\n```',
  '````\n```\nunclosed',
  '<!-- never closed',
  '$\\href{javascript:alert(1)}{x}$ $$\\htmlData{a=b}{x}$$ \\(\\unknown{<b>}\\)',
  "it's; $(touch /tmp/hadal-pwned) `id` \\ $HOME !! END_OF_REQUEST",
  'END_OF_REQUEST\nEOF\n\nrm -rf /',
  '"""\n\'\'\' {0} %s \\N{BEL} \\x41 \\u0041 True None',
  '${process.exit(1)} `${1}` */ // \u2028\u2029\u0085\u200b\u202e',
  'NUL \0, half \ud800 a pair, \x7f \x1b[31m',
  '深度求索 🐋👩‍👩‍👧 ﷽ İ',
];

const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme', maxLength: 30 }));
const name = fc.constantFrom('calculator', 'get_time', 'mcp_search');

/** `id` and `parent_id` are set when the tree is made. */
const body = fc.oneof(
  fc.record({ role: fc.constant('user' as const), content: text, numFiles: fc.nat({ max: 1 }) }),
  fc.record({
    role: fc.constant('assistant' as const),
    content: text,
    reasoning: fc.option(text),
    reasoning_ms: fc.option(fc.nat()),
    reasoning_forced: fc.boolean(),
    tool_calls: fc.array(
      fc.record({
        id: fc.uuid(),
        name,
        arguments: fc.oneof(text, fc.json()),
        tool: fc.option(
          fc.record({
            id: fc.constant('builtin:calculator'),
            title: text,
            server: fc.option(text),
            writes: fc.boolean(),
          }),
        ),
      }),
      { maxLength: 2 },
    ),
    finish_reason: fc.constantFrom('stop', 'length', 'tool_calls', 'stopped', 'error'),
    trace_id: fc.option(fc.uuid()),
    usage: fc.constantFrom(null, {
      prompt_tokens: 10,
      cache_hit_tokens: 4,
      cache_miss_tokens: 6,
      completion_tokens: 5,
      reasoning_tokens: 2,
      first_token_ms: 1.5,
      duration_ms: 20,
      generation_ms: 18,
      cost: { CNY: '0.0001' },
    }),
    error: fc.option(text),
    model: fc.constantFrom('standard' as const, 'speciale' as const),
    thinking: fc.boolean(),
  }),
  fc.record({
    role: fc.constant('tool' as const),
    call_id: fc.uuid(),
    name,
    content: text,
    is_error: fc.boolean(),
    duration_ms: fc.nat(),
    full_length: fc.option(fc.nat()),
  }),
);

export interface AnyConversation {
  title: string;
  folder: string | null;
  tags: string[];
  settings: ConversationSettings;
  /** Indexes of `messages`; null = the root. */
  parents: (number | null)[];
  bodies: (typeof body extends fc.Arbitrary<infer Body> ? Body : never)[];
  head: number;
  fileText: string;
}

/** Names lose what no line may hold; what is left of these comes back as it was. */
const line = fc.constantFrom('Work', '研究', "it's", 'a"b', '<b>', '50%_!');

export const anyConversation: fc.Arbitrary<AnyConversation> = fc
  .array(fc.tuple(body, fc.nat()), { minLength: 1, maxLength: 12 })
  .chain((drawn) =>
    fc.record({
      title: fc.oneof(line, fc.constant('')),
      folder: fc.option(line),
      tags: fc.uniqueArray(line, { maxLength: 3 }),
      settings: fc
        .record({
          system: text,
          thinking: fc.boolean(),
          temperature: fc.option(fc.constantFrom(0, 0.7, 2)),
          max_tokens: fc.option(fc.constantFrom(1, 4096)),
          approval: fc.constantFrom('writes' as const, 'all' as const),
        })
        .map((settings) => ({ ...SETTINGS, ...settings })),
      parents: fc.constant(
        drawn.map(([, at], index) => (at % (index + 1) === 0 ? null : (at % (index + 1)) - 1)),
      ),
      bodies: fc.constant(drawn.map(([drawnBody]) => drawnBody)),
      head: fc.nat({ max: drawn.length - 1 }),
      fileText: text,
    }),
  );

/** One path of messages with ids, as an export is given it. */
export const anyBranch: fc.Arbitrary<StoredMessage[]> = fc
  .array(body, { minLength: 1, maxLength: 8 })
  .map((bodies) =>
    bodies.map((drawn, index): StoredMessage => {
      const base = {
        id: `msg_${index}`,
        parent_id: index === 0 ? null : `msg_${index - 1}`,
        created_at: '2026-01-02T03:04:05.000Z',
      };
      if (drawn.role !== 'user') return { ...base, ...drawn };
      const { role, content } = drawn;
      const ref = { bytes: 1, characters: 1, tokens: 1, media_type: 'text/plain' };
      const files = HOSTILE.slice(0, drawn.numFiles * 3).map((hostile, at) => ({
        id: `file_${at}`,
        name: hostile,
        ...ref,
      }));
      return { ...base, role, content, files };
    }),
  );
