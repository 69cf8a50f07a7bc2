// Figures of models as people write them.

import type { ModelSummary } from '../../../../src/web/models-wire.js';
import { formatNumber } from '../../i18n/format.js';

/** 1.3B, 671B, 820K */
export function compactCount(count: number): string {
  const [divisor, unit] = count >= 1e9 ? [1e9, 'B'] : count >= 1e6 ? [1e6, 'M'] : [1e3, 'K'];
  const value = count / divisor;
  return `${formatNumber(value, value < 10 ? 2 : value < 100 ? 1 : 0)}${unit}`;
}

/** The types that hold most of the bytes; what is left is norms and biases. */
export function storageText({ storage }: ModelSummary): string {
  const total = storage.reduce((sum, { bytes }) => sum + bytes, 0);
  const main = storage.filter(({ bytes }) => bytes >= total / 10);
  return main.map(({ type }) => type).join(' + ');
}
