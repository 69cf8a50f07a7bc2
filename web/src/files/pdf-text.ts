// The text of a PDF, page by page, with the pages marked so that a model can name them. The library and
// its worker are loaded with the first PDF; nothing of the file is drawn or run.

import type { PDFDocumentProxy } from 'pdfjs-dist';

export type PdfProblem = 'password' | 'damaged' | 'no-text';

export class PdfFailure extends Error {
  override name = 'PdfFailure';
  constructor(
    readonly problem: PdfProblem,
    options?: ErrorOptions,
  ) {
    super(problem, options);
  }
}

/** Maps of Chinese, Japanese and Korean encodings that a PDF may name without holding them. */
const CHARACTER_MAPS = import.meta.glob<string>('/../node_modules/pdfjs-dist/cmaps/*.bcmap', {
  query: '?url',
  import: 'default',
});

/** Serves the library's worker from this page: it asks for a map by name. */
class CharacterMaps {
  async fetch({ name }: { name: string }) {
    const path = Object.keys(CHARACTER_MAPS).find((each) => each.endsWith(`/${name}.bcmap`));
    if (path === undefined) throw new Error(`there is no character map "${name}"`);
    const response = await fetch(await CHARACTER_MAPS[path]!());
    if (!response.ok) throw new Error(`character map "${name}": status ${response.status}`);
    return { cMapData: new Uint8Array(await response.arrayBuffer()), isCompressed: true };
  }
}

/** @throws PdfFailure */
export async function pdfText(
  data: Uint8Array,
  onProgress: (share: number) => void,
): Promise<string> {
  const pdfjs = await import('pdfjs-dist');
  pdfjs.GlobalWorkerOptions.workerPort ??= new Worker(
    new URL('pdfjs-dist/build/pdf.worker.mjs', import.meta.url),
    { type: 'module' },
  );
  const task = pdfjs.getDocument({
    data,
    CMapReaderFactory: CharacterMaps,
    // Without these two the worker would ask for files itself, and make functions of text.
    useWorkerFetch: false,
    isEvalSupported: false,
    useWasm: false,
    disableFontFace: true,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
  });
  try {
    return await textOfPages(await task.promise, onProgress);
  } catch (error) {
    if (error instanceof PdfFailure) throw error;
    const isLocked = error instanceof Error && error.name === 'PasswordException';
    throw new PdfFailure(isLocked ? 'password' : 'damaged', { cause: error });
  } finally {
    await task.destroy();
  }
}

async function textOfPages(
  pdf: PDFDocumentProxy,
  onProgress: (share: number) => void,
): Promise<string> {
  let hasText = false;
  let text = '';
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const lines = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''));
    const pageText = lines.join('').trim();
    hasText ||= pageText !== '';
    text += `${number > 1 ? '\n\n' : ''}[Page ${number}]\n${pageText}`;
    page.cleanup();
    onProgress(number / pdf.numPages);
  }
  if (!hasText) throw new PdfFailure('no-text');
  return text;
}
