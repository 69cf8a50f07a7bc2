// A formula. Its library is loaded when the first one appears; until then, and where the source is not
// understood, the source is shown.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { workSoon } from './work-slices.js';
import './formula.css';

type Katex = (typeof import('katex'))['default'];

const MAX_CHARACTERS = 4000;

let katex: Katex | undefined;
let loading: Promise<Katex> | undefined;

function loadKatex(): Promise<Katex> {
  loading ??= Promise.all([import('katex'), import('katex/dist/katex.min.css')]).then(
    ([module]) => (katex = module.default),
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

export interface FormulaProps {
  formula: string;
  /** With its marks: what is copied and what is shown where it cannot be set. */
  source: string;
  isDisplay: boolean;
}

export function Formula({ formula, source, isDisplay }: FormulaProps) {
  const ref = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const element = ref.current!;
    const set = () => setFormula(element, { formula, source, isDisplay });
    if (katex) return workSoon(set);
    let isGone = false;
    element.textContent = source;
    loadKatex().then(
      () => !isGone && workSoon(set),
      () => element.classList.add('failed'),
    );
    return () => {
      isGone = true;
    };
  }, [formula, source, isDisplay]);
  return <span ref={ref} class={`math ${isDisplay ? 'display' : ''}`} />;
}

function setFormula(element: HTMLElement, { formula, source, isDisplay }: FormulaProps): void {
  element.classList.remove('failed');
  element.removeAttribute('title');
  try {
    if (formula.length > MAX_CHARACTERS)
      throw new Error(`longer than ${MAX_CHARACTERS} characters`);
    katex!.render(formula, element, {
      displayMode: isDisplay,
      throwOnError: true,
      strict: 'ignore',
      // No links, images or styles of the author's, and bounds for what one formula may take.
      trust: false,
      maxExpand: 300,
      maxSize: 20,
    });
  } catch (error) {
    element.textContent = source;
    element.classList.add('failed');
    element.title = error instanceof Error ? error.message : String(error);
  }
}

/** A formula that is still being written. */
export function OpenFormula({ source }: { source: string }) {
  return <span class="math failed">{source}</span>;
}
