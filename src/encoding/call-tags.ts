// The tags of a tool-call block as both completion parsers look for them: without the closing `>`,
// which the official parser treats as text after the tag (encoding reference, section 12).

import { DSML } from './markers.js';

export const BLOCK_START = `<${DSML}function_calls`;
export const BLOCK_END = `</${DSML}function_calls`;
export const INVOKE_START = `<${DSML}invoke`;
export const INVOKE_END = `</${DSML}invoke`;
export const PARAMETER_START = `<${DSML}parameter`;
/** The official parser looks for the closer from its slash on, so both spellings close a value. */
export const PARAMETER_SLASH = `/${DSML}parameter`;
export const PARAMETER_ENDS = [`<${PARAMETER_SLASH}`, `<\n${PARAMETER_SLASH}`];

/** End of a parameter's opening tag, from the quote that closes its name. */
export const STRING_VALUE = '" string="true">';
export const JSON_VALUE = '" string="false">';

/**
 * What follows `<｜DSML｜invoke` up to the next tag. Spelled with Python's `\s`, which differs from
 * JavaScript's, and Python's `$`, which admits one more newline: without it the encoder's own
 * calls without parameters would not parse.
 */
export const INVOKE_NAME =
  // oxlint-disable-next-line no-control-regex -- Python counts U+001C to U+001F as whitespace
  /^[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*name="([^]*?)">\n\n?$/;
