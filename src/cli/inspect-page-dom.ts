// What the page's script uses of a browser, as types: the program is compiled without the browser's
// own. Text goes in through textContent only, never as markup.

export interface PageElement {
  textContent: string | null;
  className: string;
  readonly style: Record<string, string>;
  readonly clientWidth: number;
  readonly clientHeight: number;
  append(...children: (PageElement | string)[]): void;
  replaceChildren(...children: PageElement[]): void;
  setAttribute(name: string, value: string): void;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  getBoundingClientRect(): { left: number; top: number; width: number; height: number };
}

export interface PageEvent {
  clientX: number;
  clientY: number;
  key?: string;
  target: unknown;
  preventDefault(): void;
}

export interface PageCanvas extends PageElement {
  width: number;
  height: number;
  getContext(kind: '2d'): Context2d;
}

export interface Context2d {
  fillStyle: string;
  font: string;
  textAlign: string;
  textBaseline: string;
  scale(x: number, y: number): void;
  clearRect(x: number, y: number, width: number, height: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  strokeRect(x: number, y: number, width: number, height: number): void;
  strokeStyle: string;
  lineWidth: number;
  fillText(text: string, x: number, y: number): void;
  createImageData(width: number, height: number): { data: { [index: number]: number } };
  putImageData(image: unknown, x: number, y: number): void;
  drawImage(image: PageElement, x: number, y: number, width: number, height: number): void;
  imageSmoothingEnabled: boolean;
}

export interface PageDocument {
  readonly body: PageElement;
  documentElement: PageElement;
  title: string;
  createElement(name: 'canvas'): PageCanvas;
  createElement(name: string): PageElement;
  createElementNS(namespace: string, name: string): PageElement;
  getElementById(id: string): PageElement | null;
}

export interface PageWindow {
  readonly devicePixelRatio: number;
  readonly navigator: { readonly language: string };
  matchMedia(query: string): {
    readonly matches: boolean;
    addEventListener(type: string, listener: () => void): void;
  };
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  atob(text: string): string;
}

/** An element with a class, and children or a text. */
export function element(
  document: PageDocument,
  name: string,
  className = '',
  ...children: (PageElement | string)[]
): PageElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

/** A shape of an SVG drawing; a text among the attributes becomes its content. */
export function shape(
  document: PageDocument,
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): PageElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

/** `{name}` in a text replaced by its value. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A share as a percentage: one digit behind the point, more where it would read 0. */
export function percentText(share: number): string {
  const percent = 100 * share;
  return `${percent !== 0 && percent < 0.05 ? percent.toPrecision(1) : percent.toFixed(1)} %`;
}
