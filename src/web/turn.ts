// One answer as it is shown: rounds (requests to the model), each with its blocks in the order in which
// they happened. The only reducer over run events: the page folds the live stream with it and the server
// what it keeps, and turnOfMessages makes the same turn of stored rows, so that a reload changes nothing.
// Mutates the turn, for a stream of 100,000 tokens copies nothing. Knows no DOM and no node.

import { appendText, emptyText, type GrowingText, growingText } from './growing-text.js';
import type { RunError, RunEvent, RunStatus, RunTool, RunUsage } from './run-events.js';
import { sumOf } from './usage-sum.js';
import type { StoredAssistantMessage, StoredMessage, StoredToolMessage } from './wire.js';

interface BlockBase {
  /** Unique in the turn and stable: a view's key. */
  key: string;
  /** Counts the changes of this block: what was drawn at this number is still right. */
  version: number;
}

export interface ReasoningBlock extends BlockBase {
  type: 'reasoning';
  text: GrowingText;
  /** As far as the stream shows; of stored ones the count of the usage, 0 where there is none. */
  tokens: number;
  /** null while it goes on, and where it was not measured. */
  durationMs: number | null;
  isOpen: boolean;
  /** Ended by "answer now". */
  isForced: boolean;
}

export interface ContentBlock extends BlockBase {
  type: 'content';
  text: GrowingText;
  tokens: number;
  isOpen: boolean;
}

/**
 * `writing`: its arguments arrive. `called`: complete, not begun. `asking`: waits for a person.
 * `done` has a result, `denied` too. `cut`: the reply or the run ended before it could be run.
 */
export type ToolState = 'writing' | 'called' | 'asking' | 'running' | 'done' | 'denied' | 'cut';

export interface ToolResult {
  content: string;
  isError: boolean;
  durationMs: number;
  /** In characters, when `content` was cut for the model. */
  fullLength: number | null;
}

export interface ToolBlock extends BlockBase {
  type: 'tool';
  callId: string;
  name: string;
  /** null: the model named a tool that is not on offer. */
  tool: RunTool | null;
  /** JSON text as the model writes it. */
  arguments: GrowingText;
  state: ToolState;
  progress: { progress: number; total: number | null; message: string | null } | null;
  result: ToolResult | null;
}

export type Block = ReasoningBlock | ContentBlock | ToolBlock;

export interface Round {
  messageId: string;
  /** Place in the queue while the request waits; 1 = next. */
  queued: number | null;
  traceId: string | null;
  blocks: Block[];
  /** null while it goes on. `stopped` and `error` beside the reasons of the API. */
  finishReason: string | null;
  usage: RunUsage | null;
}

export interface Turn {
  runId: string | null;
  rounds: Round[];
  status: 'running' | RunStatus;
  error: RunError | null;
  /** Of all rounds, when the run is over. */
  usage: RunUsage | null;
  /** Counts the changes of the turn. */
  version: number;
}

export function emptyTurn(): Turn {
  return { runId: null, rounds: [], status: 'running', error: null, usage: null, version: 0 };
}

/**
 * Folds one event in.
 * @returns the block that changed; undefined when it was the round or the turn.
 */
export function applyRunEvent(turn: Turn, event: RunEvent): Block | undefined {
  turn.version++;
  const block = fold(turn, event);
  if (block) block.version++;
  return block;
}

function fold(turn: Turn, event: RunEvent): Block | undefined {
  const round = turn.rounds.at(-1);
  switch (event.type) {
    case 'run-start':
      turn.runId = event.run_id;
      return undefined;
    case 'round-start':
      turn.rounds.push(emptyRound(event.message_id));
      return undefined;
    case 'queued':
      if (round) round.queued = event.position;
      return undefined;
    case 'trace':
      if (round) round.traceId = event.trace_id;
      return undefined;
    case 'reasoning-start':
      return round && addReasoning(round, emptyText());
    case 'reasoning-delta': {
      const block = lastOf(round, 'reasoning');
      if (block) addTo(block, event);
      return block;
    }
    case 'reasoning-end': {
      const block = lastOf(round, 'reasoning');
      if (!block) return undefined;
      block.isOpen = false;
      block.durationMs = event.duration_ms;
      block.tokens = event.tokens;
      block.isForced = event.forced;
      return block;
    }
    case 'content-start':
      return round && addContent(round, emptyText());
    case 'content-delta': {
      const block = lastOf(round, 'content');
      if (block) addTo(block, event);
      return block;
    }
    case 'content-end': {
      const block = lastOf(round, 'content');
      if (block) block.isOpen = false;
      return block;
    }
    case 'tool-call-start': {
      const { call_id, name, tool } = event;
      return round && addTool(round, { id: call_id, name, tool, text: emptyText() });
    }
    case 'run-end':
      return endTurn(turn, event);
    case 'round-end':
      return round && endRound(round, event);
    default: {
      const block = toolOf(turn, event.call_id);
      if (block) foldTool(block, event);
      return block;
    }
  }
}

type ToolEvent = Extract<RunEvent, { call_id: string }>;

function foldTool(block: ToolBlock, event: ToolEvent): void {
  switch (event.type) {
    case 'tool-call-start':
      return;
    case 'tool-call-delta':
      return appendText(block.arguments, event.arguments_delta);
    case 'tool-call-end':
    case 'tool-approved':
      block.state = 'called';
      return;
    case 'tool-approval':
      block.state = 'asking';
      return;
    case 'tool-denied':
      block.state = 'denied';
      return;
    case 'tool-start':
      block.state = 'running';
      return;
    case 'tool-progress': {
      const { progress, total, message } = event;
      block.progress = { progress, total, message };
      return;
    }
    case 'tool-result':
      return setResult(block, event);
    default:
      event satisfies never;
  }
}

type ResultFields = Pick<StoredToolMessage, 'content' | 'is_error' | 'duration_ms' | 'full_length'>;

function setResult(block: ToolBlock, result: ResultFields): void {
  if (block.state !== 'denied') block.state = 'done';
  block.progress = null;
  block.result = {
    content: result.content,
    isError: result.is_error,
    durationMs: result.duration_ms,
    fullLength: result.full_length,
  };
}

type RoundEnd = Pick<Extract<RunEvent, { type: 'round-end' }>, 'finish_reason' | 'usage'>;

function endRound(round: Round, { finish_reason, usage }: RoundEnd): undefined {
  round.finishReason = finish_reason;
  round.usage = usage;
  round.queued = null;
  if (usage) setTokens(round, usage);
  if (finish_reason !== 'tool_calls') cutOpenTools(round);
}

/** What was billed, in place of what the stream showed. */
function setTokens(round: Round, usage: RunUsage): void {
  const { reasoning_tokens: reasoning, completion_tokens: all } = usage;
  for (const block of round.blocks) {
    if (block.type === 'tool') continue;
    const tokens = block.type === 'reasoning' ? reasoning : all - reasoning;
    if (block.tokens !== tokens) block.version++;
    block.tokens = tokens;
  }
}

function endTurn(turn: Turn, event: Extract<RunEvent, { type: 'run-end' }>): undefined {
  const round = turn.rounds.at(-1);
  if (round && round.finishReason === null) {
    const finish_reason = event.status === 'failed' ? 'error' : 'stopped';
    endRound(round, { finish_reason, usage: round.usage });
  }
  for (const each of turn.rounds) cutOpenTools(each);
  turn.status = event.status;
  turn.error = event.error;
  turn.usage = event.usage;
}

function cutOpenTools(round: Round): void {
  for (const block of round.blocks) {
    if (block.type !== 'tool' || block.result !== null || block.state === 'cut') continue;
    block.state = 'cut';
    block.version++;
  }
}

/** The turn that these rows are: those behind a question, up to the next one. Questions are skipped. */
export function turnOfMessages(messages: readonly StoredMessage[]): Turn {
  const turn = emptyTurn();
  turn.status = 'completed';
  for (const message of messages) {
    if (message.role === 'assistant') turn.rounds.push(roundOf(message));
    if (message.role !== 'tool') continue;
    const block = toolOf(turn, message.call_id);
    if (!block) continue;
    if (message.denied) block.state = 'denied';
    setResult(block, message);
  }
  for (const round of turn.rounds) cutOpenTools(round);
  const last = messages.at(-1);
  if (last?.role === 'tool') turn.status = 'stopped';
  if (last?.role === 'assistant') Object.assign(turn, endOf(last));
  turn.usage = sumOf(turn.rounds.map(({ usage }) => usage));
  return turn;
}

function endOf({ error, finish_reason, trace_id }: StoredAssistantMessage) {
  if (error !== null) {
    return { status: 'failed' as const, error: { status: null, message: error, trace_id } };
  }
  return { status: finish_reason === 'stopped' ? ('stopped' as const) : ('completed' as const) };
}

function roundOf(message: StoredAssistantMessage): Round {
  const round = emptyRound(message.id);
  if (message.reasoning || message.reasoning_forced) {
    const block = addReasoning(round, growingText(message.reasoning ?? ''));
    block.isOpen = false;
    block.durationMs = message.reasoning_ms;
    block.isForced = message.reasoning_forced;
  }
  if (message.content !== '') {
    addContent(round, growingText(message.content)).isOpen = false;
  }
  for (const { id, name, tool, arguments: text } of message.tool_calls) {
    addTool(round, { id, name, tool, text: growingText(text) }).state = 'called';
  }
  round.traceId = message.trace_id;
  endRound(round, message);
  return round;
}

/** A branch as it is shown: each question with the rows of its answer. */
export function exchangesOf(branch: readonly StoredMessage[]): {
  question: Extract<StoredMessage, { role: 'user' }> | null;
  answer: StoredMessage[];
}[] {
  const exchanges: ReturnType<typeof exchangesOf> = [];
  for (const message of branch) {
    if (message.role === 'user') exchanges.push({ question: message, answer: [] });
    else if (exchanges.length === 0) exchanges.push({ question: null, answer: [message] });
    else exchanges.at(-1)!.answer.push(message);
  }
  return exchanges;
}

function emptyRound(messageId: string): Round {
  return {
    messageId,
    queued: null,
    traceId: null,
    blocks: [],
    finishReason: null,
    usage: null,
  };
}

function addReasoning(round: Round, text: GrowingText): ReasoningBlock {
  const block: ReasoningBlock = {
    type: 'reasoning',
    key: nextKey(round),
    version: 0,
    text,
    tokens: 0,
    durationMs: null,
    isOpen: true,
    isForced: false,
  };
  round.blocks.push(block);
  return block;
}

function addContent(round: Round, text: GrowingText): ContentBlock {
  const key = nextKey(round);
  const block: ContentBlock = { type: 'content', key, version: 0, text, tokens: 0, isOpen: true };
  round.blocks.push(block);
  return block;
}

function addTool(
  round: Round,
  call: { id: string; name: string; tool: RunTool | null; text: GrowingText },
): ToolBlock {
  const block: ToolBlock = {
    type: 'tool',
    key: nextKey(round),
    version: 0,
    callId: call.id,
    name: call.name,
    tool: call.tool,
    arguments: call.text,
    state: 'writing',
    progress: null,
    result: null,
  };
  round.blocks.push(block);
  return block;
}

/** Of the block that begins: so the round waits no more. */
function nextKey(round: Round): string {
  round.queued = null;
  return `${round.messageId}:${round.blocks.length}`;
}

function addTo(
  block: ReasoningBlock | ContentBlock,
  delta: { text: string; tokens: number },
): void {
  appendText(block.text, delta.text);
  block.tokens += delta.tokens;
}

function lastOf<T extends Block['type']>(
  round: Round | undefined,
  type: T,
): Extract<Block, { type: T }> | undefined {
  return round?.blocks.findLast(
    (block): block is Extract<Block, { type: T }> => block.type === type,
  );
}

/** The newest of that id: ids are the model's server's, which may use one again in a later round. */
function toolOf({ rounds }: Turn, callId: string): ToolBlock | undefined {
  for (const { blocks } of rounds.toReversed()) {
    for (const block of blocks) if (block.type === 'tool' && block.callId === callId) return block;
  }
  return undefined;
}
