// Option parsers that several commands share. What they refuse is wrong usage (exit code 2).

import { InvalidArgumentError } from 'commander';

/** A whole number within bounds, both included. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}`);
  };
}

const UNITS = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `500M`, `1.5G`, `0`: in units of 1024. */
export function byteSize(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  const value = Math.floor(Number(number) * UNITS[unit.toLowerCase() as keyof typeof UNITS]);
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('must be a size such as 512M or 4G');
}

/** The size as a person reads it: `1.5 GiB`. */
export function shownBytes(bytes: number): string {
  const names = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const exponent = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** exponent;
  return `${exponent === 0 ? value : value.toFixed(1)} ${names[exponent]}`;
}
