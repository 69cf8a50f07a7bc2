// Letters as strokes, for pictures made without a font. A glyph is a list of lines; a line is a
// list of points, two digits each: x from the left, y from the top. Capitals and digits stand
// between 0 and 6, small letters begin at 2, descenders reach 8. Lines of several points are drawn
// rounded, so a sharp corner is where two lines meet. Small letters serve as capitals too.

export interface Glyph {
  /** In grid units, without the space after it. */
  width: number;
  lines: readonly (readonly (readonly [x: number, y: number])[])[];
}

const BOWL = '4332120305163645';
const ARCH = '0312324345361605';

const STROKES: Readonly<Record<string, string>> = {
  a: `${BOWL} 4246`,
  b: `0006 ${ARCH}`,
  c: BOWL,
  d: `4046 ${BOWL}`,
  e: '0444 444332120305163645',
  f: '40302126 1242',
  g: `${BOWL} 4247381807`,
  h: '0006 0312324346',
  i: '1216 1010',
  j: '22271808 2020',
  k: '0006 4205 1446',
  l: '1016',
  m: '0206 0312223336 3342526366',
  n: '0206 0312324346',
  o: '04031232434536160504',
  p: `0208 ${ARCH}`,
  q: `4248 ${BOWL}`,
  r: '0206 031232',
  s: '43321203143445361605',
  t: '20253646 0242',
  u: '0205163645 4246',
  v: '0226 2642',
  w: '0216 1632 3256 5662',
  x: '0246 4206',
  y: '0226 4218',
  z: '0242 4206 0646',
  '0': '03011030414536160503',
  '1': '1120 2026 1636',
  '2': '011030414206 0646',
  '3': '01103041423323 23334445361605',
  '4': '3036 3004 0444',
  '5': '4000 0003 0312324345361605',
  '6': '413010010516364544331304',
  '7': '0040 4016',
  '8': '23130201103041423323 23130405163645443323',
  '9': '051636454130100102133342',
  '.': '1616',
  ',': '1607',
  ':': '1313 1616',
  '-': '0434',
  _: '0747',
  '%': '4006 0010110100 3545463635',
  '/': '4006',
  '(': '20121426',
  ')': '10222416',
  '+': '2226 0444',
  '=': '0343 0545',
  '<': '3204 0436',
  '>': '1244 4416',
  "'": '1011',
  '·': '1414',
};

/** For anything else, what a model file may call itself included. */
const UNKNOWN = '0040 4046 4606 0600';

const GLYPHS: ReadonlyMap<string, Glyph> = new Map(
  Object.entries(STROKES).map(([character, strokes]) => [character, readGlyph(strokes)]),
);
const BOX = readGlyph(UNKNOWN);
const SPACE: Glyph = { width: 2, lines: [] };

export function glyphOf(character: string): Glyph {
  if (character === ' ') return SPACE;
  return GLYPHS.get(character.toLowerCase()) ?? BOX;
}

function readGlyph(strokes: string): Glyph {
  const lines = strokes
    .split(' ')
    .map((line) =>
      Array.from(line.matchAll(/(\d)(\d)/g), ([, x, y]) => [Number(x), Number(y)] as const),
    );
  const width = Math.max(1, ...lines.flat().map(([x]) => x));
  return { width, lines: lines.map(rounded) };
}

type Line = readonly (readonly [number, number])[];

/** Chaikin's corner cutting, twice; the ends stay. */
function rounded(line: Line): Line {
  if (line.length < 3) return line;
  let points = line;
  for (let round = 0; round < 2; round++) {
    const cut = points.slice(1).flatMap(([bx, by], i) => {
      const [ax, ay] = points[i]!;
      return [
        [0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by] as const,
        [0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by] as const,
      ];
    });
    points = [points[0]!, ...cut, points.at(-1)!];
  }
  return points;
}
