// Which file of a program an import means. Only `./` and `../` paths inside the program exist: there is
// no disk, no package and no built-in module behind a name.

/** Base name of what the host itself evaluates; no file can be called so. */
export const DRIVER = '<run>';

/** Name of the file, or an Error that says what may be imported. Contract: never throws. */
export function resolveModule(
  files: Readonly<Record<string, string>>,
  from: string,
  specifier: string,
): string | Error {
  const shown = JSON.stringify(specifier.slice(0, 200));
  if (!specifier.startsWith('./') && !specifier.startsWith('../')) {
    return new Error(`there is no module ${shown}: only the program's own files, as "./name"`);
  }
  const parts = from === DRIVER ? [] : from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return new Error(`${shown} leads out of the program`);
  }
  const name = parts.join('/');
  return Object.hasOwn(files, name) ? name : new Error(`the program has no file ${shown}`);
}
