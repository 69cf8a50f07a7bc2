// Where a link of a document leads on the site: to another page, to an image that is copied, outside,
// or, for files of the repository that are no pages, nowhere. What leads to nothing is a problem.

import { existsSync } from 'node:fs';
import { posix } from 'node:path';

const OUTSIDE = /^(https?:|mailto:)/i;
const IMAGE = /\.(png|jpe?g|svg|webp|gif)$/i;

export class Links {
  #root;
  #pageOf;
  /** Images that some page shows, by their path in the repository. */
  images = new Set();
  /** Anchors to be checked when all headings are known. */
  anchors = [];
  problems = [];

  /** @param pageOf path in the repository -> slug; Chinese files name the same slug */
  constructor(root, pageOf) {
    this.#root = root;
    this.#pageOf = pageOf;
  }

  /** `{ href }`, `{ href, isOutside }` or `{ file }`. */
  resolve(href, { source, language }) {
    if (OUTSIDE.test(href)) return { href, isOutside: true };
    const [path, anchor] = decodeURI(href).split('#');
    const file = path === '' ? source : posix.join(posix.dirname(source), path);
    const slug = this.#pageOf.get(file);
    if (slug !== undefined) {
      if (anchor) this.anchors.push({ slug, anchor, source, href, language });
      return { href: `/docs/${slug}${anchor ? `#${encodeURIComponent(anchor)}` : ''}` };
    }
    if (file.startsWith('..') || !existsSync(`${this.#root}/${file}`)) {
      this.problems.push(`${source}: ${href} leads to no file`);
      return { file };
    }
    if (IMAGE.test(file)) return { href: this.image(href, source) };
    return { file };
  }

  image(href, source) {
    const file = posix.join(posix.dirname(source), href);
    if (OUTSIDE.test(href) || !IMAGE.test(file) || !existsSync(`${this.#root}/${file}`)) {
      this.problems.push(`${source}: the image ${href} is not in the repository`);
      return '';
    }
    this.images.add(file);
    return `/docs-data/images/${posix.basename(file)}`;
  }

  /** @param headings (slug, language) -> set of ids */
  checkAnchors(headings) {
    for (const { slug, anchor, source, href, language } of this.anchors) {
      if (headings(slug, language).has(anchor)) continue;
      this.problems.push(`${source}: ${href} names no heading`);
    }
  }
}
