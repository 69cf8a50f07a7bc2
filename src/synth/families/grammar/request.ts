// A whole request: sentences of a family in some order, among greetings and remarks, in one of several
// layouts; and back. Reading tries every sentence at every place and keeps all complete readings, so a
// request that can be understood in two ways is not understood at all. Source: agents reference §6.7.

import { canonicalJson } from '../../canonical.js';
import type { Random } from '../../random.js';
import type { Language } from '../../task-types.js';
import type { Json } from '../../world-types.js';
import { GrammarError, type Form } from './form.js';
import { drawVoice, fillerForm } from './voice.js';

/** A sentence's meaning and which form says it. */
export type Piece = { readonly kind: string; readonly value: Json };

/** The sentences that a family can say, by kind. Forms end with their full stop. */
export type Sentences = Readonly<Record<string, Form<Json>>>;

interface RenderOptions {
  readonly language: Language;
  readonly random: Random;
  /** Sentences without meaning between the others. */
  readonly remarks?: number;
}

/**
 * Text for pieces in their order; the first comes before the rest, which may become a list. Chinese
 * sentences follow one another without blanks.
 * @throws GrammarError for a piece without words
 */
export function renderRequest(
  pieces: readonly Piece[],
  sentences: Sentences,
  { language, random, remarks = 0 }: RenderOptions,
): string {
  const said = pieces.map(({ kind, value }) => {
    const text = sentences[kind]!.write(value, random);
    if (text === null) throw new GrammarError(`no words for ${kind} ${canonicalJson(value)}`);
    return capital(text, language);
  });
  const voice = drawVoice(language, random, remarks);
  const layout = random.pick(['prose', 'bullets', 'numbers'] as const);
  const [first = '', ...rest] = said;
  const blank = language === 'en' ? ' ' : '';
  const head = [voice.opening, first].filter((text) => text !== null && text !== '').join(blank);
  const tail = [...voice.remarks];
  if (voice.closing !== null) tail.push(voice.closing);
  if (layout === 'prose') {
    const body = rest;
    for (const remark of voice.remarks) body.splice(random.int(0, body.length), 0, remark);
    const end = voice.closing === null ? [] : [voice.closing];
    return [head, ...body, ...end].join(blank);
  }
  const lines = rest.map((text, i) => (layout === 'bullets' ? `- ${text}` : `${i + 1}. ${text}`));
  return [head, ...lines, tail.join(blank)].filter((line) => line !== '').join('\n');
}

/**
 * What the text means: the pieces in order of the text; null where it has no meaning or several.
 */
export function readRequest(
  text: string,
  sentences: Sentences,
  language: Language,
): Piece[] | null {
  const readings = readFrom(text, 0, sentences, language, new Map());
  return readings.length === 1 ? [...readings[0]!] : null;
}

const SKIP = /\s*(?:(?:- |\d+\. ))?/y;
type Memo = Map<number, readonly (readonly Piece[])[]>;

function readFrom(
  text: string,
  from: number,
  sentences: Sentences,
  language: Language,
  memo: Memo,
): readonly (readonly Piece[])[] {
  const known = memo.get(from);
  if (known) return known;
  SKIP.lastIndex = from;
  const at = from + SKIP.exec(text)![0].length;
  if (at >= text.length) return [[]];
  const found: (readonly Piece[])[] = [];
  const starts = language === 'en' ? uncapital(text, at) : [text];
  for (const start of starts) {
    for (const [kind, form] of [...Object.entries(sentences), fillers(language)]) {
      for (const { value, end } of form.read(start, at)) {
        const here: readonly Piece[] = kind === '' ? [] : [{ kind, value }];
        for (const rest of readFrom(text, end, sentences, language, memo)) {
          found.push([...here, ...rest]);
        }
      }
    }
  }
  const readings = distinct(found);
  memo.set(from, readings);
  return readings;
}

/** Two are enough to know that it is ambiguous. */
function distinct(found: readonly (readonly Piece[])[]): readonly (readonly Piece[])[] {
  if (found.length < 2) return found;
  const seen = new Map(found.map((pieces) => [canonicalJson(pieces), pieces]));
  return [...seen.values()].slice(0, 2);
}

const FILLERS: Readonly<Record<Language, readonly [string, Form<Json>]>> = {
  en: ['', fillerForm('en')],
  zh: ['', fillerForm('zh')],
};
const fillers = (language: Language): readonly [string, Form<Json>] => FILLERS[language];

function capital(text: string, language: Language): string {
  return language === 'en' ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/** The text with a capital at this place, and with a small letter there if that differs. */
function uncapital(text: string, at: number): string[] {
  const small = text.charAt(at).toLowerCase();
  if (small === text.charAt(at)) return [text];
  return [text, text.slice(0, at) + small + text.slice(at + 1)];
}
