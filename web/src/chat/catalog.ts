// What the server has on offer: model, limits, prices, scenarios. Asked again with every visit of a
// page that shows it, for the weights may have been exchanged.

import { signal } from '@preact/signals';
import type { Catalog } from '../../../src/web/wire.js';
import { call } from '../api/http.js';

export const catalog = signal<Catalog | null>(null);

/** @throws ApiFailure */
export async function loadCatalog(): Promise<Catalog> {
  const loaded = await call<Catalog>('/web/v1/catalog');
  catalog.value = loaded;
  return loaded;
}
