// The script of the inspection page: reads the data the page carries, builds everything with the
// document's own methods, and redraws when the reader chooses something else. Token texts are data
// and stay so: they reach the page as text nodes. inspect-page.ts joins this file with those it
// imports into one script, so it may import nothing else.

import { countChart, layerChart, queryChart } from './inspect-page-charts.js';
import {
  element,
  filled,
  percentText,
  type PageDocument,
  type PageElement,
  type PageWindow,
} from './inspect-page-dom.js';
import { HeatMap } from './inspect-page-heat.js';
import type { PageLanguage, PageWords } from './inspect-page-words.js';
import type { SelectionReport } from './inspect-report.js';
import {
  along,
  cellColour,
  PALETTES,
  viewByLayer,
  viewByQuery,
  type Cells,
  type ColourMode,
  type HeatView,
  type Theme,
} from './inspect-view.js';

/** What the page carries as JSON. */
export interface PageData {
  report: SelectionReport;
  /** Cells with their bytes in base64. */
  cells: Omit<Cells, 'bytes'> & { bytes: string };
  words: Readonly<Record<PageLanguage, PageWords>>;
  /** Fixed by --lang; null follows the reader's browser. */
  language: PageLanguage | null;
}

const MAX_TEXT_TOKENS = 6000;

/** Everything the reader can choose. */
interface Choices {
  language: PageLanguage;
  rows: 'layers' | 'tokens';
  layer: number | null;
  mode: ColourMode;
  /** Index of the answer token whose selection the text shows; null for all. */
  query: number | null;
}

export function startPage(document: PageDocument, window: PageWindow): void {
  const data = JSON.parse(document.getElementById('data')?.textContent ?? '') as PageData;
  const bytes = Uint8Array.from(window.atob(data.cells.bytes), (each) => each.charCodeAt(0));
  const own = /^zh\b/i.test(window.navigator.language) ? 'zh' : 'en';
  new InspectionPage(
    document,
    window,
    data,
    { ...data.cells, bytes },
    data.language ?? own,
  ).build();
}

class InspectionPage {
  private readonly choices: Choices;
  private readonly dark: { readonly matches: boolean };
  private heat: HeatMap | undefined;
  /** By position. */
  private readonly spans: PageElement[] = [];

  constructor(
    private readonly document: PageDocument,
    private readonly window: PageWindow,
    private readonly data: PageData,
    private readonly cells: Cells,
    language: PageLanguage,
  ) {
    this.choices = { language, rows: 'layers', layer: null, mode: 'selection', query: null };
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => this.build());
    window.addEventListener('resize', () => this.redraw());
    this.dark = dark;
  }

  private get theme(): Theme {
    return this.dark.matches ? 'dark' : 'light';
  }

  private get words(): PageWords {
    return this.data.words[this.choices.language];
  }

  /** The whole page, after a change of language or theme. */
  build(): void {
    const { document, data, words } = this;
    const { report } = data;
    document.documentElement.setAttribute('lang', words.tag);
    document.title = `${words.title} · ${report.model.name}`;
    const main = element(document, 'main');
    if (report.what_if) {
      const note = filled(words.whatIf, { own: report.model.top_k, k: report.top_k });
      main.append(element(document, 'p', 'note', note));
    }
    if (report.summary === null) {
      const note = filled(words.nothingSparse, { k: report.top_k });
      main.append(element(document, 'p', 'note', note));
    }
    main.append(this.figures(), this.mapSection(), this.textSection(), this.charts());
    main.append(
      element(
        document,
        'section',
        'card',
        element(document, 'h2', '', words.reading),
        element(document, 'p', 'soft small', filled(words.readingText, { k: report.top_k })),
      ),
    );
    document.body.replaceChildren(this.header(), main);
    this.redraw();
  }

  /** What depends on the choices and on the width. */
  private redraw(): void {
    this.drawHeat();
    this.colourText();
  }

  private header(): PageElement {
    const { document, words } = this;
    const { report } = this.data;
    const facts = element(
      document,
      'p',
      'facts',
      element(document, 'b', '', report.model.name),
      ` · ${words.topk} ${report.top_k} · ${report.prompt_tokens} ${words.promptTokens}` +
        ` · ${report.generated_tokens} ${words.generated} · ${report.sparse_queries} ${words.sparse}`,
    );
    const other = element(document, 'button', '', words.other);
    other.addEventListener('click', () => {
      this.choices.language = this.choices.language === 'en' ? 'zh' : 'en';
      this.build();
    });
    const left = element(document, 'div', '', element(document, 'h1', '', words.title), facts);
    return element(document, 'header', '', left, other);
  }

  private figures(): PageElement {
    const { document, words } = this;
    const { summary, top_k: k } = this.data.report;
    const box = element(document, 'div', 'cards');
    if (summary === null) return box;
    const figure = (name: string, value: string, more: string, isMain = false): void =>
      box.append(
        element(
          document,
          'div',
          'card figure',
          element(document, 'div', 'name', name),
          element(document, 'div', isMain ? 'value main' : 'value', value),
          element(document, 'div', 'more', filled(more, { k, n: summary.seen })),
        ),
      );
    figure(words.recall, percentText(summary.recall), words.recallNote, true);
    figure(words.best, percentText(summary.best_recall), words.bestNote);
    figure(words.window, percentText(summary.window_recall), words.windowNote);
    figure(words.overlap, percentText(summary.overlap), words.overlapNote);
    figure(words.neverKept, String(summary.never_kept), words.neverKeptNote);
    return box;
  }

  private mapSection(): PageElement {
    const { document, words, choices, data } = this;
    const rows = this.choice(
      words.rows,
      [
        ['layers', words.byLayer],
        ['tokens', words.byToken],
      ],
      () => choices.rows,
      (value) => (choices.rows = value),
    );
    const mode = this.choice(
      words.colour,
      [
        ['selection', words.selection],
        ['kept', words.kept],
        ['attention', words.attention],
      ],
      () => choices.mode,
      (value) => (choices.mode = value),
    );
    const bar = element(document, 'div', 'bar', element(document, 'h2', '', words.map));
    bar.append(rows, this.layerChoice(), mode);
    this.heat = new HeatMap(document, this.window, (row) => this.chooseRow(row));
    const section = element(document, 'section', 'card', bar, this.heat.root, this.legend());
    if (this.cells.numQueries < data.report.queries) {
      const note = filled(words.partial, { n: this.cells.numQueries });
      section.append(element(document, 'p', 'soft small', note));
    }
    return section;
  }

  /** Buttons of which one is pressed. */
  private choice<T extends string>(
    name: string,
    values: readonly (readonly [T, string])[],
    current: () => T,
    choose: (value: T) => void,
  ): PageElement {
    const { document } = this;
    const set = element(document, 'span', 'set');
    const buttons = values.map(([value, text]) => {
      const button = element(document, 'button', '', text);
      button.addEventListener('click', () => {
        choose(value);
        show();
        this.redraw();
      });
      set.append(button);
      return [value, button] as const;
    });
    const show = (): void => {
      for (const [value, button] of buttons) {
        button.setAttribute('aria-pressed', String(value === current()));
      }
    };
    show();
    return element(document, 'span', 'choice', name, set);
  }

  private layerChoice(): PageElement {
    const { document, words, data, choices } = this;
    const select = element(document, 'select') as PageElement & { value: string };
    select.setAttribute('aria-label', words.layer);
    const option = (value: string, text: string): PageElement => {
      const made = element(document, 'option', '', text);
      made.setAttribute('value', value);
      return made;
    };
    select.append(option('', words.allLayers));
    for (const [index, layer] of data.report.layers.entries()) {
      select.append(option(String(index), String(layer)));
    }
    select.value = choices.layer === null ? '' : String(choices.layer);
    select.addEventListener('change', () => {
      choices.layer = select.value === '' ? null : Number(select.value);
      this.redraw();
    });
    return element(document, 'label', 'choice', words.layer, select);
  }

  private legend(): PageElement {
    const { document, words } = this;
    const palette = PALETTES[this.theme];
    const entry = (colours: readonly (readonly [number, number, number])[], text: string) => {
      const canvas = document.createElement('canvas');
      canvas.width = colours.length > 1 ? 72 : 20;
      canvas.height = 14;
      const context = canvas.getContext('2d');
      for (let x = 0; x < canvas.width; x++) {
        const colour = colours.length > 1 ? along(colours, x / canvas.width) : colours[0]!;
        context.fillStyle = `rgb(${colour.join(',')})`;
        context.fillRect(x, 0, 1, 14);
      }
      return element(document, 'span', '', canvas, text);
    };
    return element(
      document,
      'div',
      'legend',
      entry(palette.kept, words.keptLegend),
      entry([palette.gap], words.gapLegend),
      entry(palette.missed, words.missedLegend),
    );
  }

  private drawHeat(): void {
    const { choices, data, words, heat } = this;
    const { report } = data;
    if (heat === undefined) return;
    const isByLayer = choices.rows === 'layers';
    const queries = choices.query === null ? this.sparseQueries() : [choices.query];
    heat.draw({
      view: isByLayer ? viewByLayer(this.cells, queries) : viewByQuery(this.cells, choices.layer),
      mode: choices.mode,
      theme: this.theme,
      numPrompt: report.prompt_tokens,
      rowNames: isByLayer
        ? report.layers.map((layer) => `${words.layer} ${layer}`)
        : Array.from({ length: this.cells.numQueries }, (_, i) => `${words.token} ${i + 1}`),
      marked: isByLayer ? (choices.layer ?? -1) : (choices.query ?? -1),
      words,
      textOf: (column) => report.tokens[column]?.text ?? '',
    });
  }

  private chooseRow(row: number): void {
    const { choices } = this;
    if (choices.rows === 'tokens') this.chooseQuery(row);
    else {
      choices.layer = choices.layer === row ? null : row;
      this.build();
    }
  }

  private chooseQuery(query: number): void {
    this.choices.query = this.choices.query === query ? null : query;
    this.redraw();
  }

  private sparseQueries(): number[] {
    const all = Array.from({ length: this.cells.numQueries }, (_, index) => index);
    const { traced } = this.data.report;
    const sparse = all.filter((index) => traced[index]?.selection !== 'dense');
    return sparse.length > 0 ? sparse : all;
  }

  /** The answer, whose tokens can be chosen, above the prompt that they look back at. */
  private textSection(): PageElement {
    const { document, words, data } = this;
    const { report } = data;
    const tokens = report.tokens.slice(0, MAX_TEXT_TOKENS);
    const queryOf = new Map(report.traced.map((query, index) => [query.position + 1, index]));
    const boxes = {
      generated: element(document, 'div', 'text'),
      prompt: element(document, 'div', 'text'),
    };
    for (const token of tokens) {
      const span = element(document, 'span', '', token.text);
      const query = queryOf.get(token.position);
      if (token.from === 'generated' && query !== undefined && query < this.cells.numQueries) {
        this.makeChoosable(span, query);
      }
      this.spans[token.position] = span;
      boxes[token.from].append(span);
    }
    const section = element(document, 'section', 'card', element(document, 'h2', '', words.text));
    section.append(element(document, 'p', 'soft small', words.textNote));
    section.append(element(document, 'p', 'soft label', words.answer), boxes.generated);
    section.append(element(document, 'p', 'soft label', words.prompt), boxes.prompt);
    if (tokens.length < report.tokens.length) {
      const note = filled(words.cut, { n: tokens.length });
      section.append(element(document, 'p', 'soft small', note));
    }
    return section;
  }

  private makeChoosable(span: PageElement, query: number): void {
    span.className = 'reply';
    span.setAttribute('role', 'button');
    span.setAttribute('tabindex', '0');
    span.addEventListener('click', () => this.chooseQuery(query));
    span.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      this.chooseQuery(query);
    });
  }

  /** Colours the text by the chosen answer token, or by all of them. */
  private colourText(): void {
    const { choices, cells, data } = this;
    const { traced } = data.report;
    const view = this.textView();
    const chosen = choices.query === null ? undefined : traced[choices.query];
    for (const [position, span] of this.spans.entries()) {
      const isChosen = chosen !== undefined && position === chosen.position + 1;
      if (span.className === 'reply') span.setAttribute('aria-pressed', String(isChosen));
      const isSeen = position < cells.numPositions && view.kept[position]! >= 0;
      if (!isSeen) {
        span.style['background'] = '';
        span.style['color'] = '';
        continue;
      }
      const [red, green, blue] = cellColour(view, position, choices.mode, this.theme);
      const luminance = 0.299 * red + 0.587 * green + 0.114 * blue;
      span.style['background'] = `rgb(${red},${green},${blue})`;
      span.style['color'] = luminance > 140 ? '#16202c' : '#ffffff';
    }
  }

  /** One row: the chosen query or all sparse ones, the chosen layer or all. */
  private textView(): HeatView {
    const { choices, cells } = this;
    const queries = choices.query === null ? this.sparseQueries() : [choices.query];
    const layers =
      choices.layer === null
        ? Array.from({ length: cells.numLayers }, (_, i) => i)
        : [choices.layer];
    // As one query of one layer each: rows of cells, merged into one row.
    const rows = queries.flatMap((query) => layers.map((layer) => query * cells.numLayers + layer));
    return viewByLayer({ ...cells, numLayers: 1 }, rows);
  }

  private charts(): PageElement {
    const { document, words, data } = this;
    const { layer_totals: layers, traced, top_k: topk, summary } = data.report;
    const grid = element(document, 'div', 'grid');
    if (summary === null) return grid;
    const card = (title: string, chart: PageElement): PageElement =>
      element(document, 'section', 'card', element(document, 'h2', '', title), chart);
    const sparse = traced.filter(({ selection }) => selection === 'sparse');
    grid.append(
      card(words.recallByLayer, layerChart(document, layers, words)),
      card(words.recallByToken, queryChart(document, sparse, words)),
      card(words.recallByCount, countChart(document, layers, topk, words)),
    );
    return grid;
  }
}
