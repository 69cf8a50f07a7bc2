// A tool as the model is offered it, wherever it runs, and how a call of the model becomes a run of it.
// Whatever goes wrong with a call is its result, for the model to read; nothing here throws.

import type { BuiltinTool } from './builtin-tools.js';

export interface ToolProgress {
  progress: number;
  total: number | null;
  message: string | null;
}

export interface ToolContext {
  /** Ends the call; it then fails with any error. */
  signal: AbortSignal;
  now: Date;
  onProgress: (progress: ToolProgress) => void;
}

export interface ToolOutcome {
  /** What the model reads. */
  content: string;
  isError: boolean;
  /** The full length in characters, when `content` was cut. */
  fullLength: number | null;
}

export interface AgentTool {
  /** The `function` object of the API's tool definition. */
  definition: { name: string; description: string; parameters: unknown };
  /** Whether it may change something outside. */
  writes: boolean;
  run(args: Record<string, unknown>, context: ToolContext): Promise<ToolOutcome>;
}

/** Runs a call with the arguments that the model wrote. Contract: never rejects. */
export async function runCall(
  tool: AgentTool | undefined,
  call: { name: string; arguments: string },
  context: ToolContext,
): Promise<ToolOutcome> {
  if (!tool) return failure(`no tool named '${call.name}'`);
  const args = readArguments(call.arguments);
  if (typeof args === 'string') return failure(args);
  try {
    return await tool.run(args, context);
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
}

export function agentTool({ definition, run }: BuiltinTool): AgentTool {
  return {
    definition,
    writes: false,
    run: async (args, { now }) => ({
      content: pythonSpacing(run(args, now)),
      isError: false,
      fullLength: null,
    }),
  };
}

/** The arguments, or what is wrong with them. */
export function readArguments(text: string): Record<string, unknown> | string {
  let args: unknown;
  try {
    args = JSON.parse(text);
  } catch {
    return `arguments are not JSON: ${text.slice(0, 200)}`;
  }
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    return 'arguments must be an object';
  }
  return args as Record<string, unknown>;
}

export function failure(error: string): ToolOutcome {
  return { content: pythonSpacing({ error }), isError: true, fullLength: null };
}

/** `{"a": 1, "b": 2}`: the spacing that results have in the model's training data. */
export function pythonSpacing(value: Record<string, unknown>): string {
  const entries = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}: ${JSON.stringify(entry)}`,
  );
  return `{${entries.join(', ')}}`;
}
