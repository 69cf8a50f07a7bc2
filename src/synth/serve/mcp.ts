// MCP over one rollout, without transport: initialize, ping, tools/list with cursors, tools/call. What a
// tool refuses is a result with isError, so that the model reads it; only what breaks the protocol is an
// error. Protocol versions: those of @modelcontextprotocol/sdk 1.32. Source: agents reference §3.

import { createRequire } from 'node:module';
import { packageFile } from '../../package-root.js';
import { systemPrompt } from '../task-prompt.js';
import type { ToolResult } from '../tools/session.js';
import { TOOL_PAGE_SIZE } from './environments.js';
import {
  answer,
  INVALID_PARAMS,
  METHOD_NOT_FOUND,
  RpcError,
  type RpcId,
  type RpcMessage,
} from './json-rpc.js';
import { ASK_USER, askUser, hasUser, userInstruction } from './mcp-user.js';
import type { Rollout, Rollouts } from './rollouts.js';

const LATEST_VERSION = '2025-11-25';
export const PROTOCOL_VERSIONS: ReadonlySet<string> = new Set([
  LATEST_VERSION,
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
]);

const { version } = createRequire(import.meta.url)(packageFile('package.json')) as {
  version: string;
};

/** Answer to `initialize`; the session it opens is the rollout. */
export function initializeAnswer(
  id: RpcId,
  params: RpcMessage['params'],
  rollout: Rollout,
): string {
  const asked = params['protocolVersion'];
  const protocolVersion =
    typeof asked === 'string' && PROTOCOL_VERSIONS.has(asked) ? asked : LATEST_VERSION;
  const { env } = rollout.environment;
  const instructions = systemPrompt(env, rollout.task);
  return answer(
    id,
    JSON.stringify({
      protocolVersion,
      capabilities: { tools: { listChanged: false } },
      serverInfo: { name: `hadal-synth/${env.id}`, version },
      instructions: hasUser(rollout)
        ? `${instructions}\n\n${userInstruction(rollout.language)}`
        : instructions,
    }),
  );
}

/** Answer to a request. @throws RpcError METHOD_NOT_FOUND, INVALID_PARAMS */
export function answerRequest(
  rollouts: Rollouts,
  rollout: Rollout,
  id: RpcId,
  { method, params }: RpcMessage,
): string | Promise<string> {
  switch (method) {
    case 'tools/call': {
      const { name, arguments: args } = params;
      if (typeof name !== 'string') throw new RpcError(INVALID_PARAMS, 'name is no text', id);
      const result =
        name === ASK_USER && hasUser(rollout)
          ? askUser(rollouts, rollout, args)
          : rollouts.call(rollout, name, args);
      if (result instanceof Promise) return result.then((one) => answer(id, toolResult(one)));
      return answer(id, toolResult(result));
    }
    case 'tools/list':
      return answer(id, toolPage(rollout, params['cursor'], id));
    case 'ping':
      return answer(id, '{}');
    case 'initialize':
      throw new RpcError(INVALID_PARAMS, 'this session is initialized already', id);
    default:
      throw new RpcError(METHOD_NOT_FOUND, `there is no method ${method.slice(0, 64)}`, id);
  }
}

function toolPage(rollout: Rollout, cursor: unknown, id: RpcId): string {
  const pages = rollout.environment.toolPages(rollout.language, hasUser(rollout));
  const at = cursor === undefined ? 0 : Number(cursor) / TOOL_PAGE_SIZE;
  const page = typeof cursor === 'string' || cursor === undefined ? pages[at] : undefined;
  if (page === undefined) throw new RpcError(INVALID_PARAMS, 'the cursor is not one of ours', id);
  return page;
}

function toolResult(result: ToolResult): string {
  if (!result.ok) {
    const error = { code: result.code, message: result.message };
    const text = JSON.stringify(`${result.code}: ${result.message}`);
    return `{"content":[{"type":"text","text":${text}}],"structuredContent":${JSON.stringify({ error })},"isError":true}`;
  }
  const { value } = result;
  const text = JSON.stringify(value);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  // MCP wants an object; what is none is put into one.
  const structured = isObject ? text : `{"result":${text}}`;
  return `{"content":[{"type":"text","text":${JSON.stringify(text)}}],"structuredContent":${structured},"isError":false}`;
}
