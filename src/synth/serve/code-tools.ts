// Programs of agents while environments are served: each runs in a locked process, or not at all. What a
// tool cannot run is told to the agent as a failure that is not recorded, so that it may try again; what a
// verdict cannot run is an error for the trainer, never a verdict.

import {
  NoSandboxError,
  SandboxBusyError,
  type ProcessSandbox,
} from '../../sandbox/process-sandbox.js';
import type { CodeLimits } from '../../sandbox/types.js';
import type { RunElsewhere } from '../programs/elsewhere.js';
import {
  fail,
  succeed,
  type Session,
  type ToolFailure,
  type ToolResult,
} from '../tools/session.js';
import type { Json } from '../world-types.js';
import type { Arguments } from '../tools/parameters.js';
import { ServiceError } from './service-error.js';

/** Of a `run-code` call. */
const LIMITS: CodeLimits = { steps: 20_000_000, memoryBytes: 64 << 20, outputBytes: 32 << 10 };
const MAX_CODE = 64 << 10;

/** Runs programs in a sandbox; one whose process died on its own is run once more. */
export function programsIn(sandbox: ProcessSandbox): RunElsewhere {
  return async (program, input, limits) => {
    const result = await sandbox.run(program, input, limits);
    const isLost =
      !result.ok && result.failure === 'killed' && !/takes longer/.test(result.message);
    return isLost ? sandbox.run(program, input, limits) : result;
  };
}

/** A call of a `run-code` tool: the code is a module, and what it prints is the result. Never throws. */
export async function callRunCode(
  run: RunElsewhere,
  session: Session,
  name: string,
  args: Json | undefined,
): Promise<ToolResult> {
  const code: unknown = (args as { code?: unknown } | undefined)?.code;
  let result: ToolResult;
  if (typeof code !== 'string') result = fail('bad_arguments', 'the argument code is no text');
  else if (code.length > MAX_CODE) result = fail('too_long', `more than ${MAX_CODE} characters`);
  else {
    try {
      result = await resultOf(run, code);
    } catch (error) {
      return failureOf(error);
    }
  }
  const recorded: Arguments = typeof code === 'string' ? { code: code.slice(0, MAX_CODE) } : {};
  session.calls.push({ tool: name, arguments: recorded, result });
  return result;
}

async function resultOf(run: RunElsewhere, code: string): Promise<ToolResult> {
  const files = { 'code.js': code, 'main.js': `import './code.js'; export default () => null;` };
  const result = await run({ files, entry: 'main.js' }, 'null', LIMITS);
  const { printed } = result;
  if (result.ok) return succeed({ printed });
  return succeed({ printed, error: { kind: result.failure, message: result.message } });
}

/** What the agent is told. @throws what is no failure of a sandbox */
export function failureOf(error: unknown): ToolFailure {
  if (error instanceof SandboxBusyError) return fail('busy', 'many programs wait; try again');
  if (error instanceof NoSandboxError) return fail('no_sandbox', 'programs are not run here');
  throw error;
}

/** What the trainer is told; other errors stay as they are. */
export function serviceErrorOf(error: unknown): unknown {
  const cause = { cause: error };
  if (error instanceof SandboxBusyError) return new ServiceError('busy', error.message, cause);
  if (error instanceof NoSandboxError) return new ServiceError('no_sandbox', error.message, cause);
  return error;
}
