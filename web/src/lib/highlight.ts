// A text cut where a search matches, whatever the case, so that matches can be marked. Compares letter
// by letter of equal length, as the server's search does: a place in the folded text is one in the text.

export interface Piece {
  text: string;
  isMatch: boolean;
}

export function highlight(text: string, query: string): Piece[] {
  const wanted = fold(query);
  if (wanted === '') return text === '' ? [] : [{ text, isMatch: false }];
  const folded = fold(text);
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = folded.indexOf(wanted); at !== -1; at = folded.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), isMatch: false });
    from = at + wanted.length;
    pieces.push({ text: text.slice(at, from), isMatch: true });
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isMatch: false });
  return pieces;
}

function fold(text: string): string {
  const folded = text.toLowerCase();
  if (folded.length === text.length) return folded;
  return Array.from(text, (character) => {
    const lower = character.toLowerCase();
    return lower.length === character.length ? lower : character;
  }).join('');
}
