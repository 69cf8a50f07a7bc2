// Pixels reduced to 256 colours, for a picture a third the size. Colours are chosen greedily: the
// most frequent one, then each time the one that is worst off, by its distance from those chosen and
// by how often it occurs. So a rare colour far from all others stays, and near ones merge.

/** An indexed picture. */
export interface IndexedPixels {
  /** 3 bytes a colour, at most 256 colours. */
  palette: Uint8Array;
  /** A colour per pixel. */
  indices: Uint8Array;
}

const MAX_COLOURS = 256;

interface Colour {
  rgb: readonly [number, number, number];
  count: number;
  /** Squared distance to the nearest chosen colour, and which one that is. */
  distance: number;
  nearest: number;
}

/** @param pixels 3 bytes a pixel */
export function indexedPixels(pixels: Uint8Array): IndexedPixels {
  const colours = countColours(pixels);
  const all = [...colours.values()];
  const palette: number[] = [];
  let worst = all.reduce((most, each) => (each.count > most.count ? each : most), all[0]!);
  while (palette.length < MAX_COLOURS * 3 && worst.distance > 0) {
    const index = palette.length / 3;
    palette.push(...worst.rgb);
    worst = all.reduce((most, each) => {
      const distance = squaredDistance(each.rgb, palette.slice(-3));
      if (distance < each.distance) {
        each.distance = distance;
        each.nearest = index;
      }
      return weight(each) > weight(most) ? each : most;
    }, all[0]!);
  }
  const indices = new Uint8Array(pixels.length / 3);
  for (let i = 0; i < indices.length; i++) indices[i] = colours.get(keyAt(pixels, i))!.nearest;
  return { palette: Uint8Array.from(palette), indices };
}

function countColours(pixels: Uint8Array): Map<number, Colour> {
  const colours = new Map<number, Colour>();
  for (let i = 0; i < pixels.length / 3; i++) {
    const key = keyAt(pixels, i);
    const known = colours.get(key);
    if (known !== undefined) known.count++;
    else {
      const rgb = [key >> 16, (key >> 8) & 0xff, key & 0xff] as const;
      colours.set(key, { rgb, count: 1, distance: Number.POSITIVE_INFINITY, nearest: 0 });
    }
  }
  return colours;
}

function keyAt(pixels: Uint8Array, pixel: number): number {
  return (pixels[3 * pixel]! << 16) | (pixels[3 * pixel + 1]! << 8) | pixels[3 * pixel + 2]!;
}

function weight({ count, distance }: Colour): number {
  return Math.sqrt(count) * distance;
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return (a[0]! - b[0]!) ** 2 + (a[1]! - b[1]!) ** 2 + (a[2]! - b[2]!) ** 2;
}
