// The name of an exported file, from a title that may hold anything. Letters and digits of every
// script stay; what a shell, a path or a header could take for something else does not.

const MAX_CHARACTERS = 80;

export function fileName(title: string, extension: string): string {
  const name = title
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .slice(0, MAX_CHARACTERS)
    .replaceAll(/^-+|-+$/g, '');
  return `${isSafe(name) ? name : 'conversation'}.${extension}`;
}

/** Content-Disposition (RFC 6266): an ASCII name for old readers, the whole one beside it. */
export function attachment(title: string, extension: string): string {
  const name = fileName(title, extension);
  const ascii = /^[\x20-\x7e]+$/.test(name) ? name : `conversation.${extension}`;
  // RFC 8187 wants these escaped too, which encodeURIComponent leaves.
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Windows keeps these for devices. A cut surrogate pair is no name either. */
function isSafe(name: string): boolean {
  return name !== '' && !/^(con|prn|aux|nul|com\d|lpt\d)$/i.test(name) && !/\p{Cs}/u.test(name);
}
