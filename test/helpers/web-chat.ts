// The web API as the page uses it, against a real server: asks, follows events, decides, and folds what
// came into the turn that a person would see.

import assert from 'node:assert/strict';
import type { RunningServer } from '../../src/server/start-server.js';
import type { RunEvent } from '../../src/web/run-events.js';
import {
  applyRunEvent,
  emptyTurn,
  exchangesOf,
  type Turn,
  turnOfMessages,
} from '../../src/web/turn.js';
import type {
  Conversation,
  ConversationSettings,
  NewRun,
  RunStarted,
  StoredMessage,
} from '../../src/web/wire.js';

export interface SeenEvent {
  id: number;
  event: RunEvent;
}

export class WebChat {
  constructor(private readonly server: RunningServer & { apiKey: string }) {}

  async call(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.server.url}/web/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.server.apiKey}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.call(method, path, body);
    assert.ok(
      response.ok,
      `${method} ${path}: ${response.status} ${await response.clone().text()}`,
    );
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  newConversation(settings: Partial<ConversationSettings> = {}): Promise<Conversation> {
    return this.json('POST', '/conversations', { settings });
  }

  conversation(id: string): Promise<Conversation> {
    return this.json('GET', `/conversations/${id}`);
  }

  start(id: string, run: NewRun): Promise<RunStarted> {
    return this.json('POST', `/conversations/${id}/runs`, run);
  }

  async ask(id: string, content: string, parent_id: string | null = null): Promise<string> {
    return (await this.start(id, { parent_id, content, file_ids: [] })).run_id;
  }

  /** To the end of the run; `onEvent` may act meanwhile. */
  async *follow(runId: string, after = 0): AsyncGenerator<SeenEvent> {
    const response = await this.call('GET', `/runs/${runId}/events?after=${after}`);
    if (response.status === 204) return;
    assert.equal(response.status, 200, response.ok ? '' : await response.text());
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body!) {
      rest += decoder.decode(chunk, { stream: true });
      const frames = rest.split('\n\n');
      rest = frames.pop()!;
      for (const frame of frames) {
        const [, id, data] = /^id: (\d+)\ndata: (.+)$/.exec(frame) ?? [];
        if (data === undefined) assert.match(frame, /^: /);
        else yield { id: Number(id), event: JSON.parse(data) as RunEvent };
      }
    }
    assert.equal(rest, '');
  }

  async events(
    runId: string,
    onEvent: (event: RunEvent) => void | Promise<void> = () => {},
  ): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const { id, event } of this.follow(runId)) {
      events.push(event);
      assert.equal(id, events.length);
      await onEvent(event);
    }
    return events;
  }

  decide(runId: string, callId: string, decision: string): Promise<Response> {
    return this.call('POST', `/runs/${runId}/approvals/${callId}`, { decision });
  }

  /** The rows of the answer to the newest question of the shown branch. */
  async answerRows(id: string): Promise<StoredMessage[]> {
    const { messages, head_id } = await this.conversation(id);
    return exchangesOf(branchOf(messages, head_id)).at(-1)!.answer;
  }
}

function branchOf(messages: readonly StoredMessage[], headId: string | null): StoredMessage[] {
  const branch: StoredMessage[] = [];
  for (let id = headId; id !== null; id = branch[0]!.parent_id) {
    branch.unshift(messages.find((message) => message.id === id)!);
  }
  return branch;
}

export function foldAll(events: readonly RunEvent[]): Turn {
  const turn = emptyTurn();
  for (const event of events) applyRunEvent(turn, event);
  return turn;
}

/** Without what only a live stream knows: its id, how often things changed, the status of HTTP. */
export function shown(turn: Turn) {
  const { rounds, status, error, usage } = turn;
  return {
    status,
    error: error && { message: error.message, trace_id: error.trace_id },
    usage: usage?.prompt_tokens ? usage : null,
    rounds: rounds.map(({ blocks, ...round }) => ({
      ...round,
      blocks: blocks.map((block) => ({ ...block, version: 0 })),
    })),
  };
}

/** What was seen live is what is shown after a reload. */
export function assertSameAfterReload(
  events: readonly RunEvent[],
  rows: readonly StoredMessage[],
): void {
  assert.deepEqual(shown(turnOfMessages(rows)), shown(foldAll(events)));
}

export const typesOf = (events: readonly RunEvent[]) => events.map(({ type }) => type);

export function callOf(event: RunEvent): string {
  assert.ok('call_id' in event, event.type);
  return event.call_id;
}
