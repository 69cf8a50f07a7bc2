// The words of a JavaScript source, as far as planting mistakes needs them: comments and white space are
// skipped. For the programs of the library, which have no regular expressions and no template texts.

export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'mark';
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|([A-Za-z_$][\w$]*)|(\d+)|('(?:[^'\\\n]|\\.)*')|(=>|===|!==|<=|>=|&&|\|\||\?\?=|\?\?|\?\.|\.\.\.|\+\+|--|\+=|-=|\*=|\*\*|[{}()[\];,<>+\-*/%=!?:.&|^~])/gy;

/** @throws SyntaxError for what such programs do not have */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (!match) throw new SyntaxError(`no token at ${JSON.stringify(source.slice(at, at + 20))}`);
    const [text, word, number, string, mark] = match;
    if (word !== undefined) tokens.push({ kind: 'word', text, at });
    else if (number !== undefined) tokens.push({ kind: 'number', text, at });
    else if (string !== undefined) tokens.push({ kind: 'string', text, at });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text, at });
    at += text.length;
  }
  return tokens;
}
