import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { fromPlainJson, isJsonObject, JsonNumber, toPlainJson } from './json.js';
import { JsonSyntaxError, parseJson } from './json-reader.js';
import { stringifyJson, stringifyJsonString } from './json-writer.js';
import { pythonFloatText } from './python-float.js';
import { isPythonTruthy, pythonRepr, pythonStr } from './python-text.js';

// A failure must be the same on every machine.
fc.configureGlobal({ seed: 32 });

const rewrite = (text: string) => stringifyJson(parseJson(text));

test('keeps key order, number kinds and every digit', () => {
  const cases: [input: string, output: string][] = [
    ['{"10":1,"2":2,"a":{"1":[]}}', '{"10": 1, "2": 2, "a": {"1": []}}'],
    ['[1,1.0,1.50,-0,-0.0,0.0]', '[1, 1.0, 1.5, 0, -0.0, 0.0]'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['[1e3,1E+2,1e15,1e16,1e-4,1e-5]', '[1000.0, 100.0, 1000000000000000.0, 1e+16, 0.0001, 1e-05]'],
    ['[2.5e-7,5e-324,1e22,1e400,-1e400]', '[2.5e-07, 5e-324, 1e+22, Infinity, -Infinity]'],
    ['[NaN,Infinity,-Infinity]', '[NaN, Infinity, -Infinity]'],
    ['{"a":1,"b":2,"a":"three"}', '{"a": "three", "b": 2}'],
    ['{"__proto__":1,"constructor":2}', '{"__proto__": 1, "constructor": 2}'],
    [' \t\r\n[ true , false , null ] ', '[true, false, null]'],
    ['"\\ud83d\\ude00\\u00e9\\/\\u2028\\u0001\\u007f"', '"😀é/\u2028\\u0001\u007f"'],
  ];
  for (const [input, output] of cases) assert.equal(rewrite(input), output, input);
});

test('writes lone surrogates raw, and backslashes before them unharmed', () => {
  assert.equal(stringifyJsonString('\\ud800 \ud800 \\'), '"\\\\ud800 \ud800 \\\\"');
  assert.equal(rewrite('"\\ud800x"'), '"\ud800x"');
});

test('is as strict as the reference', () => {
  const printable = `{ @ [ @ " @ {"a" @ {"a": @ {"a":1 @ [1 @ [1, @ {"a":1, @ [1,] @ {"a":1,}
    @ {'a':1} @ {a:1} @ 01 @ - @ +1 @ 1. @ .5 @ 1e @ --1 @ 0x1 @ tru @ nul @ nan @ -NaN @ infinity
    @ [1 2] @ {"a" 1} @ 1 2 @ {} x @ "\\x" @ "\\u12g4" @ "\\u+123" @ "\\u 123" @ "\\ @ １ @ 1１`;
  const others = ['', ' ', '// c\n1', '"\t"', '"\n"', '"\u0000"', '\ufeff1', '\u00a01'];
  const refused = printable.split(/\s*@ /).concat(others);
  for (const text of refused) {
    assert.throws(() => parseJson(text), JsonSyntaxError, JSON.stringify(text));
  }
});

test('errors give line, column and byte offset', () => {
  assert.throws(() => parseJson('{"é😀":\n  "ü", x}'), {
    name: 'JsonSyntaxError',
    line: 2,
    column: 8,
    byteOffset: 19,
    message: 'expected a quoted key at line 2 column 8 (byte 19)',
  });
});

test('refuses deep nesting instead of overflowing the stack', () => {
  for (const text of ['['.repeat(1_000_000), '{"a":'.repeat(500_000)]) {
    assert.throws(() => parseJson(text), /nesting deeper than 1000 levels/);
  }
  const deep = '['.repeat(1000) + ']'.repeat(1000);
  assert.equal(rewrite(deep), deep);
  assert.throws(() => parseJson('[[[1]]]', { maxDepth: 2 }), /deeper than 2/);
});

test('agrees with JSON.parse on everything JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(toPlainJson(parseJson(text)), JSON.parse(text));
    }),
  );
});

test('what it writes it reads back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = stringifyJson(fromPlainJson(value));
      assert.equal(rewrite(text), text);
    }),
  );
});

test('accepts exactly what JSON.parse accepts, apart from the three number words', () => {
  const fragment = fc.constantFrom(...'{}[],:"\\ \n\t01.-+eEu'.split(''), 'true', 'null', '"a"');
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
      const text = fragments.join('');
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      if (isJson) assert.doesNotThrow(() => parseJson(text));
      else assert.throws(() => parseJson(text), JsonSyntaxError);
    }),
    { numRuns: 3000 },
  );
});

test('floats survive their text', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      const text = pythonFloatText(value);
      assert.ok(Object.is(Number(text), value));
      assert.match(text, /\.|e|Infinity/);
    }),
  );
});

test('bridges plain values', () => {
  const value = fromPlainJson({ a: 1, b: 1.5, c: [true, null, 'x', 10n ** 20n], d: undefined });
  assert.equal(
    stringifyJson(value),
    '{"a": 1, "b": 1.5, "c": [true, null, "x", 100000000000000000000]}',
  );
  assert.ok(isJsonObject(value));
  assert.equal((value.get('b') as JsonNumber).isInteger, false);
  assert.throws(() => fromPlainJson({ f: () => 1 }), TypeError);
  assert.throws(() => JsonNumber.integer(1.5), RangeError);
  const hostile = toPlainJson(parseJson('{"__proto__":{"polluted":1}}')) as Record<string, unknown>;
  assert.equal(hostile['polluted'], undefined);
});

test('formats values as Python does', () => {
  const cases: [json: string, text: string][] = [
    ['"plain"', 'plain'],
    ['null', 'None'],
    ['[true,false,null,1,1.0,1e16,NaN,-Infinity]', '[True, False, None, 1, 1.0, 1e+16, nan, -inf]'],
    ['{"a":["it\'s","say \\"x\\"","\'\\""]}', "{'a': [\"it's\", 'say \"x\"', '\\'\"']}"],
    ['["\\\\\\n\\t\\u0001\\u00a0é\\u2028😀"]', "['\\\\\\n\\t\\x01\\xa0é\\u2028😀']"],
  ];
  for (const [json, text] of cases) assert.equal(pythonStr(parseJson(json)), text);
  assert.equal(pythonStr(undefined), 'None');
  assert.equal(pythonRepr('x'), "'x'");
  for (const json of ['null', '0', '-0.0', '""', '[]', '{}', 'false']) {
    assert.equal(isPythonTruthy(parseJson(json)), false, json);
  }
  for (const json of ['1', '0.1', 'NaN', '" "', '[0]', '{"":0}', 'true']) {
    assert.equal(isPythonTruthy(parseJson(json)), true, json);
  }
});
