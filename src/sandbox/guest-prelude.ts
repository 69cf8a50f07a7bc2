// The first thing that runs in a fresh guest, before any code of the program: takes away what is not
// deterministic or could wait, gives `print` and `console`, and hands out the three functions by which
// the host talks to the program. They keep their own JSON, so that a program can spoil only its own.
// The text is the guest's language (QuickJS), not ours.

/** Makes `{ call, encode, describe }` of the host's `write(text)`. */
export const GUEST_PRELUDE = `(write) => {
  'use strict';
  const { parse, stringify } = JSON;
  const text = String;
  // When garbage is collected and what another thread does are no part of a program's meaning.
  for (const name of ['WeakRef', 'FinalizationRegistry', 'Atomics', 'SharedArrayBuffer']) {
    delete globalThis[name];
  }
  const show = (value) => {
    if (typeof value !== 'object' || value === null) return text(value);
    try {
      return stringify(value) ?? text(value);
    } catch {
      return '[object]';
    }
  };
  const replaceAll = Function.prototype.call.bind(text.prototype.replaceAll);
  // The bridge takes text up to its first zero.
  const print = (...values) => write(replaceAll(values.map(show).join(' '), '\\0', '\\u2400'));
  globalThis.print = print;
  globalThis.console = { log: print, info: print, debug: print, warn: print, error: print };
  return {
    // The box keeps a result that has a method "then" from being taken for a promise.
    call: async (program, input) => {
      if (typeof program.default !== 'function') {
        throw new TypeError('the default export is no function');
      }
      return { value: await program.default(parse(input)) };
    },
    encode: ({ value }) => stringify(value),
    describe: (error) => {
      if (!(error instanceof Error)) return 'threw ' + show(error);
      const [place] = text(error.stack ?? '').split('\\n');
      return text(error.name) + ': ' + text(error.message) + (place ? ' (' + place.trim() + ')' : '');
    },
  };
}`;
