// The tools that the server itself has: pure ones of the agent layer, and programs in the sandbox where
// this machine can lock them up. None of them writes anything.

import { calculatorTool, clockTool, unitTool } from '../../agent/builtin-tools.js';
import { type AgentTool, agentTool } from '../../agent/tool.js';
import { openProcessSandbox, type ProcessSandbox } from '../../sandbox/process-sandbox.js';
import type { ToolInfo } from '../wire.js';
import { runJavascriptTool } from './run-javascript.js';
import type { OfferedTool } from './offered-tool.js';

const TITLES: Readonly<Record<string, string>> = {
  calculator: 'Calculator',
  get_time: 'Clock',
  convert_units: 'Unit converter',
  run_javascript: 'JavaScript',
};

export const PROGRAMS_ID = 'builtin:run_javascript';

const MAX_PROGRAMS = 2;
const MAX_WAITING = 32;

export class BuiltinSource {
  #opening: Promise<ProcessSandbox> | undefined;
  #isClosed = false;

  /** `withPrograms`: asks for the sandbox, which takes a moment the first time. */
  async tools({ withPrograms }: { withPrograms: boolean }): Promise<OfferedTool[]> {
    const tools = [calculatorTool, clockTool, unitTool].map(agentTool);
    const sandbox = withPrograms ? await this.#sandbox() : undefined;
    if (sandbox?.isAvailable) tools.push(runJavascriptTool(sandbox));
    return tools.map((tool) => ({ info: infoOf(tool), tool }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const sandbox = await this.#opening?.catch(() => undefined); // whoever asked for it was told
    await sandbox?.close();
  }

  /** Opened when it is first asked for: finding the walls starts processes. */
  #sandbox(): Promise<ProcessSandbox> {
    if (this.#isClosed) throw new Error('the tools are closed');
    this.#opening ??= openProcessSandbox({
      parallel: MAX_PROGRAMS,
      maxQueued: MAX_WAITING,
      ready: 0,
    }).catch((error: unknown) => {
      this.#opening = undefined; // the next one tries again
      throw error;
    });
    return this.#opening;
  }
}

function infoOf({ definition, writes }: AgentTool): ToolInfo {
  const { name, description, parameters } = definition;
  const title = TITLES[name] ?? name;
  return { id: `builtin:${name}`, title, server: null, writes, name, description, parameters };
}
