// What changed between two lists of tools, or between two calls, as they stand in a prompt: another
// tool, another order, or the same things written with their keys in another order.

/** What one side has before, and of what both sides have. */
export type ToolDifference =
  | { type: 'same' }
  | { type: 'reordered' }
  | { type: 'key-order' }
  | { type: 'changed'; added: string[]; removed: string[]; changed: string[] };

const TOOLS = /\n\n## Tools\n\n[\s\S]*<functions>\n([\s\S]*)\n<\/functions>\n/;

/** Where the tools begin in the text before the first question; undefined = it offers none. */
export function toolsStart(text: string): number | undefined {
  return TOOLS.exec(text)?.index;
}

export function toolDifference(earlier: string, current: string): ToolDifference {
  const [before, after] = [toolsOf(earlier), toolsOf(current)];
  const order = (tools: Tool[]) => tools.map(({ meaning }) => meaning);
  const [orderBefore, orderAfter] = [order(before), order(after)];
  if (sameTexts(orderBefore, orderAfter)) {
    const texts = (tools: Tool[]) => tools.map(({ text }) => text);
    return { type: sameTexts(texts(before), texts(after)) ? 'same' : 'key-order' };
  }
  if (sameTexts(orderBefore.toSorted(), orderAfter.toSorted())) return { type: 'reordered' };
  const find = (tools: Tool[], name: string) => tools.find((tool) => tool.name === name);
  return {
    type: 'changed',
    added: after.filter(({ name }) => !find(before, name)).map(({ name }) => name),
    removed: before.filter(({ name }) => !find(after, name)).map(({ name }) => name),
    changed: after
      .filter(({ name, meaning }) => (find(before, name)?.meaning ?? meaning) !== meaning)
      .map(({ name }) => name),
  };
}

/** Whether two blocks of tool calls say the same with their arguments in another order. */
export function isArgumentOrder(earlier: string, current: string): boolean {
  const [before, after] = [parametersOf(earlier), parametersOf(current)];
  return before.length > 0 && sameTexts(before.toSorted(), after.toSorted());
}

interface Tool {
  name: string;
  text: string;
  /** The same for definitions that differ in the order of keys only. */
  meaning: string;
}

function toolsOf(text: string): Tool[] {
  const lines = TOOLS.exec(text)?.[1]?.split('\n') ?? [];
  return lines.map((line, index) => {
    const definition = parsed(line);
    const name = isObject(definition) ? definition['name'] : undefined;
    return {
      name: typeof name === 'string' ? name : `tool ${index + 1}`,
      text: line,
      meaning: canonical(line),
    };
  });
}

const CALL = /<｜DSML｜invoke name="([^"]*)">([\s\S]*?)<\/｜DSML｜invoke>/g;
const PARAMETER =
  /<｜DSML｜parameter name="([^"]*)" string="(true|false)">([\s\S]*?)<\/｜DSML｜parameter>/g;

/** Call, name and value of each. */
function parametersOf(text: string): string[] {
  return Array.from(text.matchAll(CALL)).flatMap(([, tool, body = ''], call) =>
    Array.from(body.matchAll(PARAMETER), ([, name, isString, value = '']) =>
      JSON.stringify([call, tool, name, isString === 'false' ? canonical(value) : value]),
    ),
  );
}

function canonical(text: string): string {
  const value = parsed(text);
  return value === undefined ? text : JSON.stringify(sorted(value));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what is no JSON differs as text
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, member]) => [key, sorted(member)]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
