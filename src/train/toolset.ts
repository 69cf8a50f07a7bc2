// The tools of one request: realistic and synthetic ones, with distractors that share the verb or
// the noun of the first. No two of them mean the same, or the request would be ambiguous.

import type { Rng } from './rng.js';
import { makeSyntheticTool, VERBS } from './synthetic-tools.js';
import { builtinCatalogueTools, pickCatalogueTool } from './tool-catalogue.js';
import type { Tool } from './tool-request.js';
import type { Split } from './words.js';

export interface ToolsetOptions {
  maxTools: number;
  /** Start from a held-out catalogue tool. */
  heldOutCatalogue?: boolean;
}

export function buildToolset(rng: Rng, split: Split, options: ToolsetOptions): Tool[] {
  if (!options.heldOutCatalogue && rng.chance(0.07)) {
    return rng.chance(0.7) ? builtinCatalogueTools(rng) : rng.shuffle(builtinCatalogueTools(rng));
  }
  const count = rng.int(1, options.maxTools);
  const takenNames = new Set<string>();
  const tools: Tool[] = [];
  const add = (tool: Tool) => {
    takenNames.add(tool.name);
    tools.push(tool);
  };
  const catalogue = () => {
    const tool = pickCatalogueTool(rng, split, { heldOutOnly: options.heldOutCatalogue ?? false });
    // The same entry under another name would make the request ambiguous.
    const known = tools.some((other) => other.purposes[0] === tool.purposes[0]);
    if (!known && !takenNames.has(tool.name)) add(tool);
  };
  if (options.heldOutCatalogue || rng.chance(0.3)) catalogue();
  const topics = new Set<string>();
  const addSynthetic = (wanted: { verb?: number; noun?: string }) => {
    const tool = makeSyntheticTool(rng, split, { takenNames, ...wanted });
    const topic = `${tool.verb} ${tool.noun}`;
    if (!topics.has(topic)) add(tool);
    topics.add(topic);
    return tool;
  };
  const anchor = tools.length === 0 ? addSynthetic({}) : undefined;
  while (tools.length < count) {
    const roll = rng.float();
    if (anchor && roll < 0.22) addSynthetic({ verb: anchor.verb });
    else if (anchor && roll < 0.42) {
      const otherVerb = (anchor.verb + rng.int(1, VERBS.length - 1)) % VERBS.length;
      addSynthetic({ verb: otherVerb, noun: anchor.noun });
    } else if (roll < 0.56) {
      if (options.heldOutCatalogue) addSynthetic({});
      else catalogue();
    } else addSynthetic({});
  }
  return rng.shuffle(tools);
}
