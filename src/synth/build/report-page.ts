// A build as a page to read: what the corpus is, how sound, how varied and how hard, what was refused and
// why, and twenty tasks as an agent would get them. One file that works without scripts or a network. The
// figures are the manifest's; of tasks only those shown are read. Source: agents reference §6.5.

import type { CorpusStore } from '../corpus.js';
import type { BuildManifest } from './build-corpus.js';
import { difficulty } from './report/difficulty.js';
import { families, refusals } from './report/families.js';
import { grouped, markup, Markup, sectionMarkup } from './report/markup.js';
import { soundness, summary } from './report/overview.js';
import { samples } from './report/samples.js';
import { STYLES } from './report/styles.js';
import { environments, variety } from './report/variety.js';

/** The same manifest and corpus give the same page. @throws CorpusError for a damaged file */
export function reportPage(manifest: BuildManifest, store: CorpusStore): string {
  const sections = [
    summary(manifest),
    soundness(manifest),
    families(manifest),
    difficulty(manifest),
    variety(manifest),
    environments(manifest),
    refusals(manifest),
    samples(store),
  ];
  const title = `Corpus of ${grouped(manifest.environments)} environments and ${grouped(manifest.tasks)} tasks`;
  const links = sections.map(
    ({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`,
  );
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/><title>${title}</title><style>${new Markup(STYLES)}</style></head><body><main>
<h1>${title}</h1><p class="soft">Every task can be checked without a model, and was: by the gates that this page tells about.</p>
<nav aria-label="Sections"><ul>${links}</ul></nav>
${sections.map(sectionMarkup)}</main></body></html>
`.text;
}
