// JSON-RPC 2.0 as MCP uses it: reading what a client sent, and the text of answers. Results come in as
// JSON text already, so that what is the same for all sessions is written once.

export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const METHOD_NOT_FOUND = -32_601;
export const INVALID_PARAMS = -32_602;
export const INTERNAL_ERROR = -32_603;
/** MCP's code for a session that is not there. */
export const NO_SESSION = -32_001;

export type RpcId = string | number;

export interface RpcMessage {
  /** Absent = a notification, which gets no answer. */
  readonly id?: RpcId;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export class RpcError extends Error {
  override name = 'RpcError';

  constructor(
    readonly code: number,
    message: string,
    readonly id: RpcId | null = null,
  ) {
    super(message);
  }
}

/**
 * One message out of parsed JSON.
 * @returns undefined for an answer of the client, which needs none
 * @throws RpcError INVALID_REQUEST
 */
export function readMessage(value: unknown): RpcMessage | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RpcError(INVALID_REQUEST, 'a message is a JSON object');
  }
  const { jsonrpc, id, method, params } = value as Record<string, unknown>;
  const isId = typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id));
  const known = isId ? id : null;
  if (jsonrpc !== '2.0') throw new RpcError(INVALID_REQUEST, 'jsonrpc is not "2.0"', known);
  if (id !== undefined && !isId) throw new RpcError(INVALID_REQUEST, 'an id is text or a number');
  if (method === undefined && isId && ('result' in value || 'error' in value)) return undefined;
  if (typeof method !== 'string') throw new RpcError(INVALID_REQUEST, 'method is missing', known);
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    throw new RpcError(INVALID_PARAMS, 'params is no object', known);
  }
  const given = (params ?? {}) as Readonly<Record<string, unknown>>;
  return isId ? { id, method, params: given } : { method, params: given };
}

/** @param result JSON text */
export function answer(id: RpcId, result: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
}

export function errorAnswer({ code, message, id }: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}
