import type { CorpusStore } from '../corpus.js';
import type { BuildManifest } from './build-corpus.js';
export function reportPage(manifest: BuildManifest, _store: CorpusStore): string {
  return manifest.corpus_hash;
}
