// MCP over standard input and output for one environment: one message a line. The process is the
// session; a line that is too long is refused without being kept.

import type { Readable, Writable } from 'node:stream';
import {
  errorAnswer,
  INVALID_REQUEST,
  PARSE_ERROR,
  readMessage,
  RpcError,
  type RpcMessage,
} from './json-rpc.js';
import { answerRequest, initializeAnswer } from './mcp.js';
import type { Rollout, Rollouts } from './rollouts.js';

const MAX_LINE = 1 << 20;

export interface StdioOptions {
  readonly rollouts: Rollouts;
  /** The state that the session works on. */
  readonly rollout: Rollout;
  readonly input: Readable;
  readonly output: Writable;
}

/** Resolves when the input ends. */
export async function serveStdio({
  rollouts,
  rollout,
  input,
  output,
}: StdioOptions): Promise<void> {
  for await (const line of lines(input)) {
    const text = await answerLine(rollouts, rollout, line);
    if (text === undefined) continue;
    if (!output.write(`${text}\n`)) await new Promise((resolve) => output.once('drain', resolve));
  }
}

/** undefined line = one that was too long. */
async function* lines(input: Readable): AsyncGenerator<string | undefined> {
  input.setEncoding('utf8');
  let rest = '';
  let isTooLong = false;
  for await (const piece of input as AsyncIterable<string>) {
    const parts = (rest + piece).split('\n');
    rest = parts.pop()!;
    for (const part of parts) {
      yield isTooLong || part.length > MAX_LINE ? undefined : part;
      isTooLong = false;
    }
    if (rest.length > MAX_LINE) {
      isTooLong = true;
      rest = '';
    }
  }
  if (rest !== '') yield rest;
}

async function answerLine(
  rollouts: Rollouts,
  rollout: Rollout,
  line: string | undefined,
): Promise<string | undefined> {
  try {
    if (line === undefined)
      throw new RpcError(INVALID_REQUEST, `a line has at most ${MAX_LINE} characters`);
    if (line.trim() === '') return undefined;
    const message = readMessage(parse(line));
    if (message?.id === undefined) return undefined;
    if (message.method === 'initialize') {
      return initializeAnswer(message.id, message.params, rollout);
    }
    return await answerRequest(
      rollouts,
      rollouts.get(rollout.id),
      message.id,
      message as RpcMessage,
    );
  } catch (error) {
    if (error instanceof RpcError) return errorAnswer(error);
    throw error;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new RpcError(PARSE_ERROR, 'the line is no JSON');
  }
}
