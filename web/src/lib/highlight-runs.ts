// What the highlighter writes into: a flat list of runs (scope, text, scope, text...) instead of nested
// elements, cut into the groups of lines in which code is drawn.

import { LINES_PER_GROUP } from './line-groups.js';

/** The highlighter's emitter; the innermost scope counts, and of `title.function` the first word. */
export class HighlightRuns {
  readonly list: string[] = [];
  readonly #scopes: string[] = [];

  addText(text: string): void {
    if (text !== '') this.list.push(this.#scopes.at(-1) ?? '', text);
  }

  openNode(scope: string): void {
    this.#scopes.push(scope.split('.')[0]!);
  }

  closeNode(): void {
    this.#scopes.pop();
  }

  startScope(scope: string): void {
    this.openNode(scope);
  }

  endScope(): void {
    this.closeNode();
  }

  __addSublanguage({ list }: HighlightRuns): void {
    const outer = this.#scopes.at(-1) ?? '';
    for (let at = 0; at < list.length; at += 2) this.list.push(list[at] || outer, list[at + 1]!);
  }

  finalize(): void {}

  /** Nobody asks for HTML. */
  toHTML(): string {
    return '';
  }
}

/** @returns undefined when the runs are not the whole code: the highlighter gave up on it. */
export function groupedRuns(runs: readonly string[], code: string): string[][] | undefined {
  const groups: string[][] = [[]];
  let lines = 0;
  let length = 0;
  for (let at = 0; at < runs.length; at += 2) {
    const scope = runs[at]!;
    let text = runs[at + 1]!;
    length += text.length;
    for (let end = text.indexOf('\n') + 1; end > 0; end = text.indexOf('\n', end) + 1) {
      if (++lines % LINES_PER_GROUP !== 0) continue;
      groups.at(-1)!.push(scope, text.slice(0, end));
      groups.push([]);
      text = text.slice(end);
      end = 0;
    }
    if (text !== '') groups.at(-1)!.push(scope, text);
  }
  return length === code.length ? groups : undefined;
}
