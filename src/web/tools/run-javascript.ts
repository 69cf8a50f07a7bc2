// The built-in tool `run_javascript`: a program of the model in the QuickJS isolate, in a locked process
// of its own. It computes and nothing else: no network, files, timers or clock.

import type { AgentTool } from '../../agent/tool.js';
import { failure, pythonSpacing } from '../../agent/tool.js';
import { cutText } from '../../agent/mcp/mcp-result.js';
import type { ProcessSandbox } from '../../sandbox/process-sandbox.js';
import type { CodeLimits } from '../../sandbox/types.js';

const LIMITS: CodeLimits = { steps: 200_000_000, memoryBytes: 64 << 20, outputBytes: 256 << 10 };
const MAX_CODE = 100_000;
const MAX_OUTPUT = 20_000;

export function runJavascriptTool(sandbox: Pick<ProcessSandbox, 'run'>): AgentTool {
  return {
    definition: {
      name: 'run_javascript',
      description:
        'Run JavaScript in an isolated interpreter, for exact computation. No network, files or clock. ' +
        'Give the result with return; console.log is shown too.',
      parameters: {
        type: 'object',
        properties: {
          code: { type: 'string', description: 'Body of an async function, e.g. return 2 ** 10' },
        },
        required: ['code'],
      },
    },
    writes: false,
    run: async ({ code }) => {
      if (typeof code !== 'string' || code.trim() === '') {
        return failure("argument 'code' must be a non-empty string");
      }
      if (code.length > MAX_CODE) {
        return failure(`the code has ${code.length} characters, the limit is ${MAX_CODE}`);
      }
      // JSON has no undefined, and a program that only prints returns nothing.
      const text = `export default async () => (await (async () => {\n${code}\n})()) ?? null;`;
      const program = { files: { 'main.js': text }, entry: 'main.js' };
      const result = await sandbox.run(program, 'null', LIMITS);
      const printed = result.printed === '' ? {} : { printed: result.printed };
      const outcome = result.ok
        ? { result: JSON.parse(result.output) as unknown, ...printed }
        : { error: `${result.failure}: ${result.message}`, ...printed };
      return { ...cutText(pythonSpacing(outcome), MAX_OUTPUT), isError: !result.ok };
    },
  };
}
