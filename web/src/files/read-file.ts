// A file that a person chose as text for the prompt, or why it cannot be one, in their language.

import type { NewFile } from '../../../src/web/wire.js';
import { formatBytes, formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { isPdf, textOf } from '../lib/text-bytes.js';
import { PdfFailure, pdfText } from './pdf-text.js';

const MAX_TEXT_BYTES = 8 << 20;
const MAX_PDF_BYTES = 64 << 20;
/** What the server takes. */
const MAX_CHARACTERS = 2_000_000;

const words = texts({
  en: {
    tooLarge: (size: string, max: string) => `The file has ${size}; at most ${max} are read.`,
    tooLong: (size: string, max: string) =>
      `The text has ${size} characters; at most ${max} are taken. Attach a part of it.`,
    binary: 'This is not a text: only text, code, CSV, JSON and PDF can be attached.',
    binaryOf: (kind: string) =>
      `This is a binary file (${kind}): only text, code, CSV, JSON and PDF can be attached.`,
    encoding: 'This text is not in UTF-8. Save it as UTF-8 and attach it again.',
    empty: 'The file is empty.',
    password: 'This PDF is protected by a password. Save a copy without one.',
    damaged: 'This PDF cannot be read; it may be damaged.',
    noText: 'There is no text in this PDF. It may be scanned: recognise its text (OCR) first.',
    unreadable: 'The browser could not read the file.',
  },
  zh: {
    tooLarge: (size: string, max: string) => `文件大小为 ${size}，最多读取 ${max}。`,
    tooLong: (size: string, max: string) =>
      `文本共 ${size} 个字符，最多接受 ${max} 个，请只附上其中一部分。`,
    binary: '这不是文本文件：只能附加文本、代码、CSV、JSON 和 PDF。',
    binaryOf: (kind: string) => `这是二进制文件（${kind}）：只能附加文本、代码、CSV、JSON 和 PDF。`,
    encoding: '此文本不是 UTF-8 编码，请另存为 UTF-8 后重新附加。',
    empty: '文件是空的。',
    password: '此 PDF 有密码保护，请先另存为无密码的副本。',
    damaged: '无法读取此 PDF，文件可能已损坏。',
    noText: '此 PDF 中没有文字，可能是扫描件，请先进行文字识别（OCR）。',
    unreadable: '浏览器无法读取该文件。',
  },
});

/** `message` is for the person who chose the file. */
export class FileProblem extends Error {
  override name = 'FileProblem';
}

/** @throws FileProblem */
export async function readFile(
  file: File,
  onProgress: (share: number) => void = () => {},
): Promise<NewFile> {
  const bytes = await bytesOf(file);
  const isDocument = isPdf(bytes);
  const max = isDocument ? MAX_PDF_BYTES : MAX_TEXT_BYTES;
  if (bytes.length > max) throw tooLarge(file.size, max);
  const text = isDocument ? await textOfPdf(bytes, onProgress) : plainText(bytes);
  if (text.trim() === '') throw new FileProblem(words().empty);
  if (text.length > MAX_CHARACTERS) {
    throw new FileProblem(words().tooLong(formatNumber(text.length), formatNumber(MAX_CHARACTERS)));
  }
  const media_type = isDocument ? 'application/pdf' : file.type || 'text/plain';
  return { name: file.name, media_type, bytes: file.size, text };
}

async function bytesOf(file: File): Promise<Uint8Array> {
  if (file.size > MAX_PDF_BYTES) throw tooLarge(file.size, MAX_PDF_BYTES);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    // A folder that was dropped, or a file that is gone.
    throw new FileProblem(words().unreadable, { cause });
  }
}

function plainText(bytes: Uint8Array): string {
  const read = textOf(bytes);
  if ('text' in read) return read.text;
  const t = words();
  if (read.problem === 'encoding') throw new FileProblem(t.encoding);
  throw new FileProblem(read.kind === undefined ? t.binary : t.binaryOf(read.kind));
}

async function textOfPdf(bytes: Uint8Array, onProgress: (share: number) => void): Promise<string> {
  try {
    return await pdfText(bytes, onProgress);
  } catch (error) {
    if (!(error instanceof PdfFailure)) throw error;
    const t = words();
    const message = { password: t.password, damaged: t.damaged, 'no-text': t.noText };
    throw new FileProblem(message[error.problem], { cause: error });
  }
}

function tooLarge(size: number, max: number): FileProblem {
  return new FileProblem(words().tooLarge(formatBytes(size), formatBytes(max)));
}
