// FP8 e4m3fn as DeepSeek's checkpoints store weights: the decode table of all 256 codes, and the
// 128x128 block scales. It knows numbers only, not files.
// Source: model reference §7.1 (format) and §11 (block scales, partial edge blocks).

/** Side of a scale block, in elements. */
export const FP8_BLOCK = 128;

/**
 * Value of each e4m3fn code: 1 sign, 4 exponent bits (bias 7), 3 mantissa bits; no infinities;
 * 0x7f and 0xff are NaN; the largest finite value is 448, the smallest step 2^-9.
 */
export const E4M3_TABLE: Float32Array = Float32Array.from({ length: 256 }, (_, code) => {
  const sign = code & 0x80 ? -1 : 1;
  const exponent = (code >> 3) & 15;
  const mantissa = code & 7;
  if (exponent === 15 && mantissa === 7) return Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -9;
  return sign * (1 + mantissa / 8) * 2 ** (exponent - 7);
});

/**
 * W[i, j] = e4m3(codes[i, j]) * scale[i >> 7, j >> 7]. Despite its name in the files,
 * `weight_scale_inv` multiplies.
 * @param codes rows `firstRow ..` of the matrix, row-major, `columns` wide
 * @param scales the whole scale matrix, row-major, ceil(columns / 128) wide
 */
export function dequantizeFp8Blocks(
  codes: Uint8Array,
  columns: number,
  scales: Float32Array,
  firstRow = 0,
): Float32Array {
  const out = new Float32Array(codes.length);
  const scaleColumns = Math.ceil(columns / FP8_BLOCK);
  const numRows = codes.length / columns;
  for (let r = 0; r < numRows; r++) {
    const scaleRow = Math.floor((firstRow + r) / FP8_BLOCK) * scaleColumns;
    for (let block = 0; block < scaleColumns; block++) {
      const scale = scales[scaleRow + block]!;
      const end = r * columns + Math.min(columns, (block + 1) * FP8_BLOCK);
      for (let i = r * columns + block * FP8_BLOCK; i < end; i++) {
        out[i] = E4M3_TABLE[codes[i]!]! * scale;
      }
    }
  }
  return out;
}
