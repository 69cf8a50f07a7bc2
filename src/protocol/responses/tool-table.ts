// The tools of one request as the model sees them, all plain functions, and the way back to what the
// client offered. Namespaced tools get a flat name, and a freeform tool becomes a function with one
// string. Knows nothing of the wire form; wire-tools.ts fills it.

import { createHash } from 'node:crypto';
import { isJsonObject, jsonObject, type JsonValue } from '../../encoding/json.js';
import type { ToolDefinition } from '../../encoding/message.js';
import { duplicateToolError } from './errors.js';

/** The platform's limit on function names (api reference §2.4). */
export const FUNCTION_NAME = { maxLength: 64, pattern: '^[a-zA-Z0-9_-]+$' };
const NUM_HASH_CHARS = 8;

/** The one parameter of the function that stands for a freeform tool. */
export const FREEFORM_PARAMETER = 'input';

export interface OfferedTool {
  kind: 'function' | 'custom';
  name: string;
  namespace: string | undefined;
}

export interface ToolOffer extends OfferedTool {
  description: string | undefined;
  /** JSON Schema; of a function, absent = no arguments. */
  parameters: JsonValue | undefined;
}

export class ToolTable {
  readonly definitions: ToolDefinition[] = [];
  readonly #byFlatName = new Map<string, OfferedTool>();
  readonly #flatNames = new Map<string, string>();

  /** @throws ApiError for a second tool of the same name and namespace. */
  add(offer: ToolOffer): void {
    const { kind, name, namespace, description, parameters } = offer;
    const key = keyOf(name, namespace);
    if (this.#flatNames.has(key)) throw duplicateToolError(keyText(name, namespace));
    let flatName = flatten(name, namespace);
    if (this.#byFlatName.has(flatName)) flatName = withHash(flatName, key);
    this.#flatNames.set(key, flatName);
    this.#byFlatName.set(flatName, { kind, name, namespace });
    this.definitions.push({
      type: 'function',
      function: jsonObject({ name: flatName, description, parameters }),
    });
  }

  /** What the model calls the tool; also of tools that an earlier turn offered and this one does not. */
  flatName(name: string, namespace: string | undefined): string {
    return this.#flatNames.get(keyOf(name, namespace)) ?? flatten(name, namespace);
  }

  isOffered(name: string, namespace: string | undefined): boolean {
    return this.#flatNames.has(keyOf(name, namespace));
  }

  /** The client's tool behind a name that the model called; a made-up name stays a plain function. */
  origin(flatName: string): OfferedTool {
    return (
      this.#byFlatName.get(flatName) ?? { kind: 'function', name: flatName, namespace: undefined }
    );
  }

  /** Only some of the definitions; the way back stays complete. */
  limitedTo(flatNames: ReadonlySet<string>): ToolDefinition[] {
    return this.definitions.filter((definition) => {
      const name = isJsonObject(definition.function) ? definition.function.get('name') : undefined;
      return typeof name === 'string' && flatNames.has(name);
    });
  }
}

function keyOf(name: string, namespace: string | undefined): string {
  return JSON.stringify([namespace ?? null, name]);
}

function keyText(name: string, namespace: string | undefined): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** `namespace__name`, within the letters and the length that function names may have. */
function flatten(name: string, namespace: string | undefined): string {
  if (namespace === undefined) return name;
  const joined = `${namespace}${namespace.endsWith('__') ? '' : '__'}${name}`;
  const flat = joined.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
  return flat.length > FUNCTION_NAME.maxLength ? withHash(flat, keyOf(name, namespace)) : flat;
}

/** Told apart by a hash of what it stands for: the same in every request, so prompts stay cacheable. */
function withHash(flat: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, NUM_HASH_CHARS);
  return `${flat.slice(0, FUNCTION_NAME.maxLength - NUM_HASH_CHARS - 1)}_${hash}`;
}
