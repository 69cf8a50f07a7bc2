// Pieces of a page that cannot be broken by what is put into them: whatever is not Markup already is
// text, and is escaped. Knows tables and sections, but nothing of corpora.

/** A piece of the page. Only `markup` makes it. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Part = string | number | Markup | null | undefined | false | readonly Part[];

/** @param parts text in elements or in quoted attributes, or pieces; nothing where null or false */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const rest = parts.map((part, i) => textOf(part) + strings[i + 1]!);
  return new Markup(strings[0]! + rest.join(''));
}

function textOf(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

/** Text as text, in elements and in attributes. What HTML forbids (control characters, halves of pairs) becomes U+FFFD. */
export function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
    .replaceAll(/[^\P{Cc}\t\n]|\p{Cs}/gu, '\u{FFFD}');
}

/** A part of the page, with an anchor. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

export function sectionMarkup({ id, title, body }: Section): Markup {
  return markup`<section id="${id}"><h2>${title}</h2>${body}</section>
`;
}

export interface TableShape {
  readonly head: readonly string[];
  /** A row begins with its name. */
  readonly rows: readonly (readonly Part[])[];
  /** Columns of words rather than figures, besides the first. */
  readonly words?: readonly number[];
  /** On a phone every row is a block of its own, rather than scrolled sideways. */
  readonly isStacked?: boolean;
}

export function table({ head, rows, words = [], isStacked = false }: TableShape): Markup {
  const kind = (i: number): string => (i === 0 || words.includes(i) ? 'word' : 'figure');
  const heads = head.map((cell, i) => markup`<th scope="col" class="${kind(i)}">${cell}</th>`);
  const lines = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0
        ? markup`<th scope="row" class="word">${cell}</th>`
        : markup`<td class="${kind(i)}" data-head="${head[i]}">${cell}</td>`,
    );
    return markup`<tr>${cells}</tr>`;
  });
  return markup`<div class="${isStacked ? 'wide stacked' : 'wide'}"><table><thead><tr>${heads}</tr></thead><tbody>${lines}</tbody></table></div>`;
}

/** Figures with what they are. */
export function tiles(of: readonly (readonly [figure: Part, about: Part])[]): Markup {
  const all = of.map(
    ([figure, about]) => markup`<div class="tile"><b>${figure}</b><span>${about}</span></div>`,
  );
  return markup`<div class="tiles">${all}</div>`;
}

/** `86,400`, on every machine alike. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2.4 %`; a share that is not quite all or nothing does not read as if it were. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = (100 * part) / whole;
  if (part === 0 || part === whole) return `${share} %`;
  if (share < 0.1) return '< 0.1 %';
  return share > 99.9
    ? `${Math.min(9999, Math.floor(share * 100)) / 100} %`
    : `${share.toFixed(1)} %`;
}
