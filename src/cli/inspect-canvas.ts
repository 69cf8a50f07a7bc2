// A raster to draw on: rectangles, lines and stroke letters, blended at their edges. Coordinates are
// pixels from the top left and may be fractions. Knows nothing of what is drawn.

import { glyphOf } from './inspect-glyphs.js';
import { encodePng } from './inspect-png.js';

export type Colour = readonly [red: number, green: number, blue: number];

export interface TextStyle {
  /** Height of a digit in pixels. */
  size: number;
  colour: Colour;
  /** Where `x` stands. Default left. */
  align?: 'left' | 'right' | 'centre';
  /** Width of the strokes relative to the size. Default 0.12. */
  weight?: number;
}

/** Height of a digit in grid units of the glyphs. */
const GLYPH_HEIGHT = 6;
const GLYPH_GAP = 1.6;

export class Canvas {
  readonly pixels: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    ground: Colour,
  ) {
    this.pixels = new Uint8Array(width * height * 3);
    for (let i = 0; i < this.pixels.length; i++) this.pixels[i] = ground[i % 3]!;
  }

  /** Edges are rounded to whole pixels. */
  fillRect(x: number, y: number, width: number, height: number, colour: Colour): void {
    const [left, right] = [Math.round(x), Math.round(x + width)];
    const [top, bottom] = [Math.round(y), Math.round(y + height)];
    for (let row = Math.max(0, top); row < Math.min(this.height, bottom); row++) {
      for (let column = Math.max(0, left); column < Math.min(this.width, right); column++) {
        this.pixels.set(colour, (row * this.width + column) * 3);
      }
    }
  }

  /** A line with round ends through the points. */
  stroke(points: readonly (readonly [number, number])[], width: number, colour: Colour): void {
    this.paintLines([points], width / 2, colour);
  }

  text(
    text: string,
    x: number,
    y: number,
    { size, colour, align, weight = 0.12 }: TextStyle,
  ): void {
    const scale = size / GLYPH_HEIGHT;
    const length = textWidth(text, size);
    let left = align === 'right' ? x - length : align === 'centre' ? x - length / 2 : x;
    for (const character of text) {
      const { width, lines } = glyphOf(character);
      const placed = lines.map((line) =>
        line.map(([px, py]) => [left + px * scale, y + py * scale] as const),
      );
      this.paintLines(placed, (size * weight) / 2, colour);
      left += (width + GLYPH_GAP) * scale;
    }
  }

  toPng(): Buffer {
    return encodePng(this.width, this.height, this.pixels);
  }

  /** Lines of one shape cover a pixel once, however many of them cross it. */
  private paintLines(
    lines: readonly (readonly (readonly [number, number])[])[],
    radius: number,
    colour: Colour,
  ): void {
    const coverage = new Map<number, number>();
    for (const line of lines) {
      for (const [i, from] of line.entries()) {
        if (i > 0 && i === line.length - 1) break;
        this.coverSegment(from, line[i + 1] ?? from, radius, coverage);
      }
    }
    for (const [pixel, share] of coverage) {
      for (let c = 0; c < 3; c++) {
        const at = pixel * 3 + c;
        this.pixels[at] = Math.round(this.pixels[at]! * (1 - share) + colour[c]! * share);
      }
    }
  }

  private coverSegment(
    [ax, ay]: readonly [number, number],
    [bx, by]: readonly [number, number],
    radius: number,
    coverage: Map<number, number>,
  ): void {
    const reach = radius + 1;
    const [left, right] = [Math.min(ax, bx) - reach, Math.max(ax, bx) + reach];
    const [top, bottom] = [Math.min(ay, by) - reach, Math.max(ay, by) + reach];
    const lengthSquared = (bx - ax) ** 2 + (by - ay) ** 2;
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(this.height, bottom); y++) {
      for (let x = Math.max(0, Math.floor(left)); x < Math.min(this.width, right); x++) {
        const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
        const along = lengthSquared === 0 ? 0 : (px * (bx - ax) + py * (by - ay)) / lengthSquared;
        const t = Math.min(1, Math.max(0, along));
        const distance = Math.hypot(px - t * (bx - ax), py - t * (by - ay));
        const share = Math.min(1, Math.max(0, radius + 0.5 - distance));
        const pixel = y * this.width + x;
        if (share > (coverage.get(pixel) ?? 0)) coverage.set(pixel, share);
      }
    }
  }
}

export function textWidth(text: string, size: number): number {
  const units = Array.from(text).reduce((sum, each) => sum + glyphOf(each).width + GLYPH_GAP, 0);
  return Math.max(0, units - GLYPH_GAP) * (size / GLYPH_HEIGHT);
}
