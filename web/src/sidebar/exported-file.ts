// An export, fetched: its text and the name that the server gives the file.

import type { ExportFormat } from '../../../src/web/wire.js';
import { failureOf, send } from '../api/http.js';
import { language } from '../i18n/language.js';

export interface ExportedFile {
  name: string;
  mediaType: string;
  text: string;
}

/** @throws ApiFailure */
export async function exportedFile(
  conversationId: string,
  format: ExportFormat,
  leaveOut: readonly string[] = [],
): Promise<ExportedFile> {
  const parameters = new URLSearchParams({ format, language: language.value });
  if (leaveOut.length > 0) parameters.set('leave_out', leaveOut.join(','));
  const response = await send(`/web/v1/conversations/${conversationId}/export?${parameters}`);
  if (!response.ok) throw await failureOf(response);
  const disposition = response.headers.get('content-disposition') ?? '';
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1];
  return {
    name: encoded === undefined ? 'conversation' : decodeURIComponent(encoded),
    mediaType: response.headers.get('content-type') ?? 'text/plain',
    text: await response.text(),
  };
}

export function saveFile({ name, mediaType, text }: ExportedFile): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it when the next task runs.
  setTimeout(() => URL.revokeObjectURL(url));
}
