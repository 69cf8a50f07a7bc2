// Runs the calls of one reply: in their order, or several at once where none of them writes. Every call
// gets a result, also the refused and the stopped ones, because a conversation in which one is missing
// cannot go on.

import { runCall, type ToolOutcome, type ToolProgress } from '../../agent/tool.js';
import type { RunEvent } from '../run-events.js';
import type { OfferedTool } from '../tools/offered-tool.js';
import type { StoredToolCall } from '../wire.js';
import type { Approvals } from './approvals.js';

const MAX_AT_ONCE = 4;
const PROGRESS_PAUSE_MS = 100;

const DENIED =
  'The person declined this call; it was not run. Do not repeat it: go on without, or ask them.';
const STOPPED = 'The person stopped the answer; this call was ended or not run.';

export interface CallToolsOptions {
  tools: readonly OfferedTool[];
  approvals: Approvals;
  emit: (event: RunEvent) => void;
  newId: () => string;
  now: () => number;
  signal: AbortSignal;
}

export interface CallResult extends ToolOutcome {
  call: StoredToolCall;
  messageId: string;
  durationMs: number;
  isDenied: boolean;
}

/** One promise per call, in order. Contract: none rejects. */
export function callTools(
  calls: readonly StoredToolCall[],
  options: CallToolsOptions,
): Promise<CallResult>[] {
  // Asked all at once, so that a person decides while earlier calls run.
  const asked = calls.map(({ id, tool }) => options.approvals.ask(id, tool));
  const isOrdered = calls.some(({ tool }) => tool?.writes);
  const width = isOrdered ? 1 : MAX_AT_ONCE;
  const results: Promise<CallResult>[] = [];
  for (const [index, call] of calls.entries()) {
    const before = results[index - width] ?? Promise.resolve();
    results.push(before.then(() => callTool(call, asked[index]!, options)));
  }
  return results;
}

async function callTool(
  call: StoredToolCall,
  asked: ReturnType<Approvals['ask']>,
  options: CallToolsOptions,
): Promise<CallResult> {
  const { tools, emit, newId, now, signal } = options;
  const messageId = newId();
  const end = (outcome: ToolOutcome, { since = now(), isDenied = false } = {}): CallResult => {
    const durationMs = now() - since;
    emit({
      type: 'tool-result',
      call_id: call.id,
      content: outcome.content,
      is_error: outcome.isError,
      duration_ms: durationMs,
      full_length: outcome.fullLength,
    });
    return { ...outcome, call, messageId, durationMs, isDenied };
  };
  const decision = await asked;
  if (decision === 'deny') return end(refusal(DENIED), { isDenied: true });
  if (decision === 'stop' || signal.aborted) return end(refusal(STOPPED));
  const tool = tools.find(({ tool: { definition } }) => definition.name === call.name)?.tool;
  const since = now();
  if (tool) emit({ type: 'tool-start', call_id: call.id, message_id: messageId });
  const running = runCall(tool, call, {
    signal,
    now: new Date(since),
    onProgress: throttled(now, (progress) =>
      emit({ type: 'tool-progress', call_id: call.id, ...progress }),
    ),
  });
  // Not every tool hears of the end at once: a program in the sandbox computes on to its own limit.
  const outcome = await Promise.race([running, aborted(signal)]);
  return end(outcome === undefined || signal.aborted ? refusal(STOPPED) : outcome, { since });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

function refusal(content: string): ToolOutcome {
  return { content, isError: true, fullLength: null };
}

/** A server may tell its progress a thousand times a second; and nothing after the call is over. */
function throttled(
  now: () => number,
  tell: (progress: ToolProgress) => void,
): (progress: ToolProgress) => void {
  let lastAt = -Infinity;
  return (progress) => {
    if (now() - lastAt < PROGRESS_PAUSE_MS) return;
    lastAt = now();
    tell({ ...progress, message: progress.message?.slice(0, 500) ?? null });
  };
}
