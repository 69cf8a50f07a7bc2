// The PNG read back with a reader of our own: signature, checksums, size, pixels.

import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32, inflateSync } from 'node:zlib';

import { Canvas, textWidth } from './inspect-canvas.js';
import { fixtureReport, fixtureTrace } from './inspect-fixtures.js';
import { glyphOf } from './inspect-glyphs.js';
import { drawSelection } from './inspect-picture.js';
import { encodePng } from './inspect-png.js';

interface Decoded {
  width: number;
  height: number;
  pixel: (x: number, y: number) => number[];
}

function decodePng(png: Buffer): Decoded {
  assert.equal(png.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    assert.equal(png.readUInt32BE(at + 8 + length), crc32(body), 'checksum');
    chunks.set(body.toString('ascii', 0, 4), body.subarray(4));
    at += length + 12;
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'PLTE', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  assert.deepEqual([...header.subarray(8)], [8, 3, 0, 0, 0]);
  const rows = inflateSync(chunks.get('IDAT')!);
  const palette = chunks.get('PLTE')!;
  assert.equal(rows.length, height * (width + 1));
  assert.ok(palette.length % 3 === 0 && palette.length <= 768);
  return {
    width,
    height,
    pixel: (x, y) => {
      assert.equal(rows[y * (width + 1)], 0, 'filter');
      const index = rows[y * (width + 1) + 1 + x]!;
      return [...palette.subarray(3 * index, 3 * index + 3)];
    },
  };
}

test('few colours come back exactly', () => {
  const colours = [255, 255, 255, 0, 0, 0, 10, 20, 30, 255, 0, 0, 255, 0, 1, 7, 7, 7];
  const { width, height, pixel } = decodePng(encodePng(3, 2, Uint8Array.from(colours)));
  assert.deepEqual([width, height], [3, 2]);
  for (let i = 0; i < 6; i++) {
    assert.deepEqual(pixel(i % 3, Math.floor(i / 3)), colours.slice(3 * i, 3 * i + 3));
  }
  const white = decodePng(encodePng(1, 1, Uint8Array.of(255, 255, 255)));
  assert.deepEqual(white.pixel(0, 0), [255, 255, 255]);
});

test('of thousands of colours each stays near, and a rare far one stays itself', () => {
  const pixels = new Uint8Array(64 * 64 * 3);
  for (let i = 0; i < 64 * 64; i++) pixels.set([i % 64, Math.floor(i / 64), 200], 3 * i);
  pixels.set([255, 80, 0], 0);
  const { pixel } = decodePng(encodePng(64, 64, pixels));
  assert.deepEqual(pixel(0, 0), [255, 80, 0]);
  for (let i = 1; i < 64 * 64; i++) {
    const [red, green, blue] = pixel(i % 64, Math.floor(i / 64));
    const distance = Math.hypot(red! - (i % 64), green! - Math.floor(i / 64), blue! - 200);
    assert.ok(distance <= 8, `${i}: ${distance}`);
  }
});

test('refuses pixels that are not of the size', () => {
  assert.throws(() => encodePng(2, 2, new Uint8Array(11)), {
    name: 'RangeError',
    message: '11 bytes for a picture of 2 x 2',
  });
});

test('letters are drawn where they should be, and unknown ones as a box', () => {
  const canvas = new Canvas(40, 30, [255, 255, 255]);
  canvas.text('l', 10, 5, { size: 18, colour: [0, 0, 0] });
  const isDark = (x: number, y: number): boolean => canvas.pixels[3 * (y * 40 + x)]! < 128;
  assert.ok(isDark(13, 12) && !isDark(20, 12) && !isDark(5, 12));
  assert.equal(glyphOf('漢'), glyphOf('☃'));
  assert.equal(glyphOf('K'), glyphOf('k'));
  assert.notEqual(glyphOf('k'), glyphOf('漢'));
  assert.equal(textWidth('', 12), 0);
  assert.ok(textWidth('mm', 12) > textWidth('ii', 12));
});

test('the picture of a trace: its size, its ground, and blue where the indexer kept', () => {
  const { width, height, pixel } = decodePng(drawSelection(fixtureReport(), fixtureTrace().cells));
  assert.equal(width, 1600);
  assert.ok(height > 400 && height < 1000);
  assert.deepEqual(pixel(2, 2), [255, 255, 255]);
  // Layer 0 keeps the first of five positions and not the third, which has an eighth of attention.
  const [red, , blue] = pixel(232, 210);
  assert.ok(blue! > red! + 40, 'kept is blue');
  const [missedRed, , missedBlue] = pixel(232 + 2 * 222, 210);
  assert.ok(missedRed! > missedBlue! + 40, 'missed is orange');
});
