// The response object as JSON text: what of the request it repeats, how a reply ended, and the items
// written so far. The same object is the body of a plain answer and a part of the stream's first
// and last events.

import type { ReplyFinishReason, ReplyUsage } from '../../chat/types.js';
import type { ReplyHeader } from '../openai/reply-header.js';
import type { ToolTable } from './tool-table.js';
import { usageText } from './usage.js';
import type { WireResponsesRequest } from './wire-request.js';

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

/** How a finished reply is told. */
export interface ResponseOutcome {
  status: Exclude<ResponseStatus, 'in_progress'>;
  incompleteReason?: 'max_output_tokens' | 'content_filter';
  /** Why a failed one failed; the code is one of the dialect's own list. */
  errorMessage?: string;
}

/**
 * `stop` although a call was begun: the model ended its turn inside it. Agents would take the reply
 * for a finished answer, so it is told as a failure, which they retry.
 */
export function outcomeOf(
  reason: ReplyFinishReason,
  { hasCalls }: { hasCalls: boolean },
): ResponseOutcome {
  switch (reason) {
    case 'length':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'content_filter':
      return { status: 'incomplete', incompleteReason: 'content_filter' };
    case 'insufficient_system_resource':
    case 'aborted':
      return {
        status: 'failed',
        errorMessage: 'The server lost the engine or ran out of time. Send the request again.',
      };
    case 'stop':
      return hasCalls
        ? {
            status: 'failed',
            errorMessage: 'The model ended inside a tool call. Send the request again.',
          }
        : { status: 'completed' };
    case 'tool_calls':
      return { status: 'completed' };
  }
}

/** What the writers of a reply need of its request. */
export interface ReplyContext {
  /** Repeated in the response. */
  wire: WireResponsesRequest;
  /** After the cut to the mode's range; undefined when the client gave none. */
  maxOutputTokens: number | undefined;
  table: ToolTable;
  /** Finished reasoning items carry their capsule. */
  sealsReasoning: boolean;
}

export class ResponseObject {
  readonly id: string;
  readonly #head: string;
  readonly #settings: string;
  readonly #offer: string;

  constructor(header: ReplyHeader, { wire, maxOutputTokens }: ReplyContext) {
    this.id = `resp_${hexOf(header)}`;
    const { echo } = wire;
    this.#head = `{"id":"${this.id}","object":"response","created_at":${header.created},"status":`;
    this.#settings =
      `"background":false,"max_output_tokens":${maxOutputTokens ?? null},` +
      `"metadata":${echo.metadata ?? '{}'},"model":${JSON.stringify(header.mode.alias)},` +
      '"parallel_tool_calls":true,"previous_response_id":null,' +
      `"prompt_cache_key":${echo.promptCacheKey ?? null},` +
      `"reasoning":{"effort":${echo.reasoningEffort ?? null},"summary":null},` +
      `"service_tier":"default","store":false,"temperature":${wire.temperature ?? 1},` +
      `"text":{"format":${echo.textFormat ?? '{"type":"text"}'}},` +
      `"tool_choice":${echo.toolChoice ?? '"auto"'},"top_p":${wire.topP ?? 1},` +
      `"truncation":"disabled","user":${echo.user ?? null}`;
    // Only what the model was offered: hosted tools, which no one runs here, are missing.
    this.#offer =
      `"instructions":${JSON.stringify(wire.instructions ?? null)},` +
      `"tools":[${wire.tools.echo.join(',')}]`;
  }

  /** Of the first events, which are to arrive early: instructions and tools are left out. */
  inProgress(): string {
    return (
      `${this.#head}"in_progress","error":null,"incomplete_details":null,"output":[],` +
      `${this.#settings},"instructions":null,"tools":[],"usage":null}`
    );
  }

  /** `items`: JSON texts of the output items. */
  finished(outcome: ResponseOutcome, items: readonly string[], usage: ReplyUsage): string {
    const { status, incompleteReason, errorMessage } = outcome;
    const error =
      errorMessage === undefined ? null : { code: 'server_error', message: errorMessage };
    const details = incompleteReason === undefined ? null : { reason: incompleteReason };
    return (
      `${this.#head}"${status}","error":${JSON.stringify(error)},` +
      `"incomplete_details":${JSON.stringify(details)},"output":[${items.join(',')}],` +
      `${this.#settings},${this.#offer},"usage":${usageText(usage)}}`
    );
  }
}

/** The reply's UUID without dashes, the common part of all ids in a response. */
export function hexOf({ id }: ReplyHeader): string {
  return id.replaceAll('-', '');
}
