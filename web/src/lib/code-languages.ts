// Names under which languages are written behind a code fence, and the grammar and title of each.

interface CodeLanguage {
  /** Of the highlighter; null = shown without colours. */
  grammar: string | null;
  title: string;
}

/** grammar, title, other names. */
const LANGUAGES: readonly (readonly [string, string, ...string[]])[] = [
  ['bash', 'Shell', 'sh', 'shell', 'zsh', 'console', 'shellsession', 'terminal'],
  ['c', 'C', 'h'],
  ['cmake', 'CMake'],
  ['cpp', 'C++', 'c++', 'cc', 'cxx', 'hpp', 'cuda', 'cu'],
  ['csharp', 'C#', 'cs', 'c#'],
  ['css', 'CSS'],
  ['dart', 'Dart'],
  ['diff', 'Diff', 'patch'],
  ['dockerfile', 'Dockerfile', 'docker'],
  ['elixir', 'Elixir', 'ex', 'exs'],
  ['go', 'Go', 'golang'],
  ['graphql', 'GraphQL', 'gql'],
  ['haskell', 'Haskell', 'hs'],
  ['http', 'HTTP'],
  ['ini', 'INI', 'toml', 'conf', 'properties'],
  ['java', 'Java'],
  ['javascript', 'JavaScript', 'js', 'jsx', 'mjs', 'cjs', 'node'],
  ['json', 'JSON', 'jsonc', 'json5', 'jsonl'],
  ['julia', 'Julia', 'jl'],
  ['kotlin', 'Kotlin', 'kt'],
  ['latex', 'LaTeX', 'tex'],
  ['less', 'Less'],
  ['lua', 'Lua'],
  ['makefile', 'Makefile', 'make', 'mk'],
  ['markdown', 'Markdown', 'md'],
  ['matlab', 'MATLAB'],
  ['nginx', 'nginx'],
  ['nix', 'Nix'],
  ['objectivec', 'Objective-C', 'objc', 'objective-c'],
  ['ocaml', 'OCaml', 'ml'],
  ['perl', 'Perl', 'pl'],
  ['php', 'PHP'],
  ['powershell', 'PowerShell', 'ps1', 'pwsh'],
  ['protobuf', 'Protocol Buffers', 'proto'],
  ['python', 'Python', 'py', 'python3', 'ipython'],
  ['r', 'R'],
  ['ruby', 'Ruby', 'rb'],
  ['rust', 'Rust', 'rs'],
  ['scala', 'Scala'],
  ['scss', 'SCSS', 'sass'],
  ['sql', 'SQL', 'mysql', 'postgresql', 'postgres', 'sqlite'],
  ['swift', 'Swift'],
  ['typescript', 'TypeScript', 'ts', 'tsx', 'mts', 'cts'],
  ['verilog', 'Verilog', 'systemverilog', 'sv'],
  ['vim', 'Vim script', 'viml', 'vimscript'],
  ['wasm', 'WebAssembly', 'wat'],
  ['xml', 'XML', 'html', 'svg', 'vue', 'svelte', 'xhtml'],
  ['yaml', 'YAML', 'yml'],
];

const byName = new Map<string, CodeLanguage>();
for (const [grammar, title, ...names] of LANGUAGES) {
  for (const name of [grammar, ...names]) byName.set(name, { grammar, title });
}
byName.set('html', { grammar: 'xml', title: 'HTML' });
byName.set('svg', { grammar: 'xml', title: 'SVG' });
byName.set('toml', { grammar: 'ini', title: 'TOML' });
byName.set('mermaid', { grammar: null, title: 'Mermaid' });

export const GRAMMARS: readonly string[] = LANGUAGES.map(([grammar]) => grammar);

/** Of what stands behind the fence, such as `js title="x"`. An unknown name is its own title. */
export function codeLanguage(info: string): CodeLanguage {
  const name = /^[^\s{,:]*/.exec(info.trim())![0].slice(0, 40);
  return byName.get(name.toLowerCase()) ?? { grammar: null, title: name };
}
