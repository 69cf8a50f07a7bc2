// What is wrong with a JSON text, and in which line: browsers say it in words of their own, some as a
// line, some as a place, and Safari not at all.

export interface JsonProblem {
  message: string;
  /** From 1; undefined where the browser does not tell. */
  line: number | undefined;
}

export type ParsedJson = { value: unknown } | { problem: JsonProblem };

export function parseJsonText(text: string): ParsedJson {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const message = (error as Error).message;
    return { problem: { message: shortened(message), line: lineIn(message, text) } };
  }
}

function lineIn(message: string, text: string): number | undefined {
  const line = /\bline (\d+)/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /\bposition (\d+)/.exec(message)?.[1];
  if (position !== undefined) return lineAt(text, Number(position));
  return /end of (?:JSON )?(?:input|data)/i.test(message) ? lineAt(text, text.length) : undefined;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** Chrome quotes the text around the place, which stands in the editor anyway. */
function shortened(message: string): string {
  return message
    .replace(/^JSON\.parse: /, '')
    .replace(/, (?:\.\.\.)?".*" is not valid JSON$/s, '')
    .replace(/ (?:in JSON )?at (?:position|line) .*$/s, '');
}
