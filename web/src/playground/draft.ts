// What is being written for each endpoint: kept while the page is open, so that a look at another
// endpoint loses nothing. A link may fill it; nothing is ever sent by a link.

import { signal } from '@preact/signals';
import { ENDPOINTS, type Endpoint } from '../lib/playground-endpoints.js';
import { PRESETS } from './presets.js';

export interface Draft {
  /** Text of the editor. */
  body: string;
  /** For `{id}` in the path. */
  id: string;
  /** Scenario of the lab, with its number if any; empty = the real model. */
  lab: string;
}

const MAX_LINK = 32 * 1024;

export const drafts = signal<ReadonlyMap<string, Draft>>(
  new Map(ENDPOINTS.map((endpoint) => [endpoint.id, firstDraft(endpoint)])),
);

function firstDraft({ id }: Endpoint): Draft {
  const body = PRESETS[id]?.[0]?.body;
  return { body: body ? pretty(body) : '', id: 'deepseek-chat', lab: '' };
}

export function draftOf(endpoint: Endpoint): Draft {
  return drafts.value.get(endpoint.id) ?? firstDraft(endpoint);
}

export function changeDraft(endpoint: Endpoint, part: Partial<Draft>): void {
  drafts.value = new Map(drafts.value).set(endpoint.id, { ...draftOf(endpoint), ...part });
}

export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

export function pathOf(endpoint: Endpoint, { id, lab }: Draft): string {
  const prefix = lab === '' ? '' : `/lab/${lab}`;
  return prefix + endpoint.path.replace('{id}', encodeURIComponent(id));
}

/** A link that fills the form. In the fragment, which no server sees. */
export function linkOf(endpoint: Endpoint, draft: Draft): string {
  const packed = encodeURIComponent(JSON.stringify(draft));
  return `${location.origin}/playground/${endpoint.id}#draft=${packed}`;
}

/** Takes a draft from the address, once. */
export function takeLinkedDraft(endpoint: Endpoint): void {
  const packed = /^#draft=(.+)$/.exec(location.hash)?.[1];
  if (packed === undefined) return;
  history.replaceState(null, '', location.pathname);
  if (packed.length > MAX_LINK) return;
  try {
    const draft = JSON.parse(decodeURIComponent(packed)) as Record<string, unknown>;
    const { body, id, lab } = draft;
    changeDraft(endpoint, {
      ...(typeof body === 'string' && { body }),
      ...(typeof id === 'string' && /^[\w.-]{1,100}$/.test(id) && { id }),
      ...(typeof lab === 'string' && /^[a-z0-9:-]{0,64}$/.test(lab) && { lab }),
    });
  } catch {
    // A link that was cut on its way fills nothing.
  }
}
