// Text within HTML, also within a quoted attribute.

const SIGNS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** NUL is no character of HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('\0', '\u{fffd}').replaceAll(/[&<>"']/g, (sign) => SIGNS[sign]!);
}
