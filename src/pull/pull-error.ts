// Why a pull failed; the message is for the person who asked for it and names the way out.

export type PullProblem =
  /** What was asked for is no source that can be pulled. */
  | 'source'
  | 'not-found'
  | 'forbidden'
  /** More than one file fits; the message lists them. */
  | 'choose'
  | 'network'
  /** What arrived is not what was announced, or no model of a kind that runs here. */
  | 'corrupt'
  | 'disk'
  /** Somebody else is pulling the same file. */
  | 'busy';

export class PullError extends Error {
  override name = 'PullError';
  constructor(
    readonly problem: PullProblem,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const MAX_SHOWN = 200;

/** A text from elsewhere, fit for a message: one line, no control characters, not endless. */
export function shownText(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return clean.length > MAX_SHOWN ? `${clean.slice(0, MAX_SHOWN)}...` : clean;
}

/** `1.5 GiB` */
export function shownSize(bytes: number): string {
  const names = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const exponent = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return exponent === 0
    ? `${bytes} bytes`
    : `${(bytes / 1024 ** exponent).toFixed(1)} ${names[exponent]}`;
}
