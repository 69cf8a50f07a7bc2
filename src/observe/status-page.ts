// The status page for people: one HTML document without scripts or outside resources, so that it
// works when little else does. Everything that is not a constant of ours is escaped.

import { createHash } from 'node:crypto';
import { STATUS_STYLE } from './status-style.js';
import {
  dateText,
  durationText,
  STATUS_TEXT,
  type StatusLanguage,
  type StatusText,
} from './status-text.js';
import type { ComponentReport, ComponentStatus, Incident, StatusReport } from './types.js';

export { statusJson } from './status-json.js';

/** Value of `content-security-policy` for the page: its own style sheet and nothing else. */
export const STATUS_PAGE_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  `style-src 'sha256-${createHash('sha256').update(STATUS_STYLE).digest('base64')}'`;

export interface StatusPageOptions {
  version: string;
  language: StatusLanguage;
}

/** Shapes beside the colours, for those who do not see the colours. */
const ICONS: Readonly<Record<ComponentStatus, string>> = {
  operational: '<circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-7"/>',
  degraded: '<path d="M12 3 1.8 20.5h20.4z"/><path d="M12 10v4.5M12 17.4v.1"/>',
  down: '<circle cx="12" cy="12" r="10"/><path d="m8.5 8.5 7 7m0-7-7 7"/>',
};

/** The mark of the page's rail. */
const LOGO =
  '<svg viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="15"/>' +
  '<path d="M5 12c3.7-2.6 7.3-2.6 11 0s7.3 2.6 11 0"/>' +
  '<path d="M6.5 18c3.2-2.2 6.3-2.2 9.5 0s6.3 2.2 9.5 0"/>' +
  '<path d="M10 23.5c2-1.4 4-1.4 6 0s4 1.4 6 0"/></svg>';

export function renderStatusPage(
  report: StatusReport,
  { version, language }: StatusPageOptions,
): string {
  const text = STATUS_TEXT[language];
  const { status, since, at, components, incidents } = report;
  const { links, language: other } = text;
  return `<!doctype html>
<html lang="${text.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${text.overall[status]} · ${text.title}</title>
<style>${STATUS_STYLE}</style>
</head>
<body>
<div class="page">
<header class="top">
<div class="brand">${LOGO}<h1>${text.title}</h1></div>
<nav class="links" aria-label="${links.label}">
<a href="/">${links.chat}</a>
<a href="/console">${links.console}</a>
<a href="/docs">${links.docs}</a>
<a href="${other.href}" hreflang="${other.tag}" lang="${other.tag}">${other.label}</a>
</nav>
</header>
<main>
<section class="overall ${status}">
<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${ICONS[status]}</svg>
<div>
<p class="headline">${text.overall[status]}</p>
<p class="soft">${text.explanation[status]}</p>
</div>
</section>
<dl class="facts">
${fact(text.uptime, escapeHtml(durationText(at - since, text)))}
${fact(text.started, time(since))}
${fact(text.checked, time(at))}
${fact(text.version, escapeHtml(version))}
</dl>
<h2>${text.components}</h2>
${list(components, (each) => componentItem(each, text), text.noComponents)}
<h2>${text.incidents}</h2>
${list(incidents, (each) => incidentItem(each, at, text), text.noIncidents)}
</main>
<footer class="soft">${text.zone}</footer>
</div>
</body>
</html>
`;
}

function fact(name: string, html: string): string {
  return `<div><dt>${name}</dt><dd>${html}</dd></div>`;
}

function list<T>(items: readonly T[], render: (item: T) => string, whenEmpty: string): string {
  if (items.length === 0) return `<p class="card empty">${whenEmpty}</p>`;
  return `<ul class="card">\n${items.map(render).join('\n')}\n</ul>`;
}

function componentItem({ name, status, detail }: ComponentReport, text: StatusText): string {
  const more = detail ? `<p class="soft small">${escapeHtml(detail)}</p>` : '';
  return (
    `<li class="${status}"><div class="row"><span class="name">${nameText(name, text)}</span>` +
    `<span class="state">${text.component[status]}</span></div>${more}</li>`
  );
}

function incidentItem(
  { component, status, detail, from, until }: Incident,
  at: number,
  text: StatusText,
): string {
  const duration = escapeHtml(durationText((until ?? at) - from, text));
  const label = until === undefined ? text.ongoing : text.lasted;
  const more = detail ? `<p class="small">${escapeHtml(detail)}</p>` : '';
  return (
    `<li class="${status}"><div class="row"><span class="name">${nameText(component, text)}</span>` +
    `<span class="state">${text.component[status]}</span></div>${more}` +
    `<p class="soft small">${time(from)} · ${label} ${duration}</p></li>`
  );
}

function nameText(name: string, { names }: StatusText): string {
  return escapeHtml(Object.hasOwn(names, name) ? names[name]! : name);
}

function time(ms: number): string {
  return `<time datetime="${new Date(ms).toISOString()}">${dateText(ms)}</time>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and quoted attributes. Control characters, which HTML does not allow, become U+FFFD. */
function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(/[^\P{Cc}\t\n\r]|\p{Surrogate}/gu, '\ufffd');
}
