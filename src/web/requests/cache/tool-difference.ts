// What changed between two lists of tools, or between two calls, as they stand in a prompt: another
// tool, another order, or the same things written with their keys in another order.

/** What one side has before, and of what both sides have. */
export type ToolDifference =
  | { type: 'same' }
  | { type: 'reordered' }
  | { type: 'key-order' }
  | { type: 'changed'; added: string[]; removed: string[]; changed: string[] };

const HEAD = '\n\n## Tools\n\n';
const LIST_OPEN = '<functions>\n';
const LIST_CLOSE = '\n</functions>\n';

/** Where the tools begin in the text before the first question; undefined = it offers none. */
export function toolsStart(text: string): number | undefined {
  return listOf(text) === undefined ? undefined : text.indexOf(HEAD);
}

/** No pattern with two open ends: texts are long, and hostile ones would take minutes. */
function listOf(text: string): string | undefined {
  const head = text.indexOf(HEAD);
  const open = text.indexOf(LIST_OPEN, head + HEAD.length);
  const close = text.lastIndexOf(LIST_CLOSE);
  if (head < 0 || open < 0 || close < open) return undefined;
  return text.slice(open + LIST_OPEN.length, close);
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
  const lines = listOf(text)?.split('\n') ?? [];
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

/** Call, name and value of each. */
function parametersOf(text: string): string[] {
  return pieces(text, '<｜DSML｜invoke ', '</｜DSML｜invoke>').flatMap((call, index) =>
    pieces(call, '<｜DSML｜parameter ', '</｜DSML｜parameter>').map((parameter) => {
      const end = parameter.indexOf('>') + 1;
      const [attributes, value] = [parameter.slice(0, end), parameter.slice(end)];
      const isText = attributes.endsWith(' string="true">');
      const tool = call.slice(0, call.indexOf('>'));
      return JSON.stringify([index, tool, attributes, isText ? value : canonical(value)]);
    }),
  );
}

/** What stands between two marks, each time. */
function pieces(text: string, open: string, close: string): string[] {
  const [, ...parts] = text.split(open);
  return parts.map((part) => {
    const end = part.indexOf(close);
    return end < 0 ? part : part.slice(0, end);
  });
}

/** What is no JSON, or deeper than anybody writes it, differs as text. */
function canonical(text: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
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
