// Builds the page into dist/site: hashed assets, compressed copies beside them (served as they are),
// and the list of files that the service worker keeps for use without a network.

import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

/** What the shell needs to open without a network: everything the first page loads. */
function offlineShell(): Plugin {
  return {
    name: 'offline-shell',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const entry = chunks.find(({ isEntry, name }) => isEntry && name === 'index');
      if (!entry) throw new Error('the page has no entry chunk');
      const styles = Object.keys(bundle).filter((name) => /^assets\/index-.*\.css$/.test(name));
      const files = [
        '/',
        ...[entry.fileName, ...entry.imports, ...styles].map((name) => `/${name}`),
      ];
      this.emitFile({
        type: 'asset',
        fileName: 'offline-shell.json',
        source: JSON.stringify(files),
      });
    },
  };
}

/** The formulas' fonts in the one format that every browser of today reads. */
function onlyWoff2(): Plugin {
  return {
    name: 'only-woff2',
    enforce: 'pre',
    transform(code, id) {
      if (!/katex\.min\.css/.test(id)) return undefined;
      return code.replaceAll(/,url\([^)]+\.(?:woff|ttf)\) format\("[a-z]+"\)/g, '');
    },
  };
}

export default defineConfig({
  root,
  base: '/',
  plugins: [offlineShell(), onlyWoff2()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Workers load grammars when they need them, as the page loads its parts.
  worker: { format: 'es' },
  build: {
    outDir: '../dist/site',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 3000,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { index: `${root}/index.html`, diagram: `${root}/diagram.html` } },
  },
});
