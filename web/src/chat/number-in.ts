// A number as it was typed into a field that may be left empty.

export interface NumberBounds {
  min: number;
  max: number;
  whole?: boolean;
}

/** null for nothing, undefined for what is no number within the bounds. */
export function numberIn(
  text: string,
  { min, max, whole = false }: NumberBounds,
): number | null | undefined {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  const value = Number(trimmed);
  if (!Number.isFinite(value) || value < min || value > max) return undefined;
  return whole && !Number.isInteger(value) ? undefined : value;
}
