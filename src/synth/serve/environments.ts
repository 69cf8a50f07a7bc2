// Environments ready for use, loaded when first asked for. Those with open sessions stay, because the
// sessions hold them; of the others the most recently used stay. What every session of an environment
// shows alike (tool lists, as the text that is sent) is made once per language.

import { CorpusError, type CorpusStore } from '../corpus.js';
import { loadEnvironment } from '../load-environment.js';
import { agentTools, openAITools, type OpenAITool } from '../task-prompt.js';
import type { Language } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, JsonObject, ToolSpec } from '../world-types.js';
import { userTool } from './mcp-user.js';
import { ServiceError, shown } from './service-error.js';

/** Environments without sessions that are kept. */
const NUM_KEPT = 64;
/** Tools per page of tools/list. */
export const TOOL_PAGE_SIZE = 20;

export class ReadyEnvironment {
  readonly #pages = new Map<string, readonly string[]>();
  readonly #openAI = new Map<Language, readonly OpenAITool[]>();

  constructor(readonly loaded: LoadedEnvironment) {}

  get env(): Environment {
    return this.loaded.env;
  }

  /** JSON texts of the pages of MCP's tools/list; with the tool that speaks to the user, if one takes part. */
  toolPages(language: Language, withUser: boolean): readonly string[] {
    const key = `${language} ${withUser}`;
    let pages = this.#pages.get(key);
    if (!pages) this.#pages.set(key, (pages = toolPages(this.env, language, withUser)));
    return pages;
  }

  openAITools(language: Language): readonly OpenAITool[] {
    let tools = this.#openAI.get(language);
    if (!tools) this.#openAI.set(language, (tools = openAITools(this.env, language)));
    return tools;
  }
}

export class Environments {
  readonly #known = new Map<string, WeakRef<ReadyEnvironment>>();
  /** Oldest use first. */
  readonly #kept = new Map<string, ReadyEnvironment>();

  constructor(readonly store: CorpusStore) {}

  /** @throws ServiceError not_found, damaged_corpus */
  get(id: string): ReadyEnvironment {
    const ready = this.#known.get(id)?.deref() ?? this.#load(id);
    this.#kept.delete(id);
    this.#kept.set(id, ready);
    if (this.#kept.size > NUM_KEPT) {
      const [oldest] = this.#kept.keys();
      this.#kept.delete(oldest!);
    }
    return ready;
  }

  #load(id: string): ReadyEnvironment {
    const env = fromStore(() => this.store.environment(id));
    if (!env) throw new ServiceError('not_found', `there is no environment ${shown(id)}`);
    const ready = new ReadyEnvironment(fromStore(() => loadEnvironment(env)));
    this.#known.set(id, new WeakRef(ready));
    return ready;
  }
}

/** Runs a read of the corpus; damage is the server's fault, not the caller's. */
export function fromStore<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof CorpusError) && (cause as Error).name !== 'DataError') throw cause;
    throw new ServiceError('damaged_corpus', 'the corpus is damaged; see the log of the server', {
      cause,
    });
  }
}

function toolPages(env: Environment, language: Language, withUser: boolean): string[] {
  const tools: JsonObject[] = agentTools(env).map((tool) => mcpTool(tool, language));
  if (withUser) tools.push(userTool(language));
  const pages: string[] = [];
  for (let from = 0; from === 0 || from < tools.length; from += TOOL_PAGE_SIZE) {
    const next = from + TOOL_PAGE_SIZE;
    const page = tools.slice(from, next);
    pages.push(
      JSON.stringify({ tools: page, ...(next < tools.length && { nextCursor: String(next) }) }),
    );
  }
  return pages;
}

/** Archetypes that give the same state when called again with the same arguments. */
const IDEMPOTENT = new Set(['update', 'set-flag', 'set-setting', 'assign', 'unassign', 'reboot']);
const DESTRUCTIVE = new Set(['delete', 'unlink']);

function mcpTool(
  { name, description, parameters, effect, impl }: ToolSpec,
  language: Language,
): JsonObject {
  const annotations: JsonObject =
    effect === 'write'
      ? {
          readOnlyHint: false,
          destructiveHint: DESTRUCTIVE.has(impl.archetype),
          idempotentHint: IDEMPOTENT.has(impl.archetype),
        }
      : { readOnlyHint: effect === 'read' };
  return {
    name,
    description: description[language],
    inputSchema: parameters,
    annotations: { ...annotations, openWorldHint: false },
  };
}
