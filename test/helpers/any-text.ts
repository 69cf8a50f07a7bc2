// Texts of any UTF-16 code units: control characters, lone surrogates, all of it. (fast-check's own
// `binary` unit knows no lone surrogates, and takes seconds to set up.)

import fc from 'fast-check';

const codeUnit = fc.oneof(
  fc.integer({ min: 0, max: 0x9f }),
  fc.integer({ min: 0, max: 0xffff }),
  fc.integer({ min: 0xd800, max: 0xdfff }),
);

export function anyText(maxLength = 30): fc.Arbitrary<string> {
  return fc.array(codeUnit, { maxLength }).map((units) => String.fromCharCode(...units));
}
