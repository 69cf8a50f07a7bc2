// The literal strings of the V3.2 prompt format (encoding reference, section 1). The bar is U+FF5C
// and the low block U+2581; only the function results are plain ASCII.

export const BOS = '<｜begin▁of▁sentence｜>';
export const EOS = '<｜end▁of▁sentence｜>';
export const USER = '<｜User｜>';
export const ASSISTANT = '<｜Assistant｜>';
export const THINK_OPEN = '<think>';
export const THINK_CLOSE = '</think>';

/** The mark of every tool-call tag; it has no angle brackets of its own. */
export const DSML = '｜DSML｜';

export const CALLS_OPEN = `<${DSML}function_calls>`;
export const CALLS_CLOSE = `</${DSML}function_calls>`;
export const INVOKE_CLOSE = `</${DSML}invoke>`;
export const PARAMETER_CLOSE = `</${DSML}parameter>`;

export const FIM_BEGIN = '<｜fim▁begin｜>';
export const FIM_HOLE = '<｜fim▁hole｜>';
export const FIM_END = '<｜fim▁end｜>';
