// Where the hubs are: the environment may name mirrors. The only file of this layer that reads it.

import { DEFAULT_ENDPOINTS, type HubEndpoints } from './pull-source.js';
import { PullError, shownText } from './pull-error.js';

export interface HubSettings {
  endpoints: HubEndpoints;
  /** For Hugging Face; never kept, never logged. */
  token: string | undefined;
}

/**
 * `HF_ENDPOINT`, `MODELSCOPE_ENDPOINT` and `HF_TOKEN`, or what is given in their place.
 * @throws PullError `source` for what is no URL
 */
export function hubSettings(
  given: Partial<HubEndpoints> = {},
  env: NodeJS.ProcessEnv = process.env,
): HubSettings {
  const endpoints = {
    hf: given.hf || env['HF_ENDPOINT'] || DEFAULT_ENDPOINTS.hf,
    ms: given.ms || env['MODELSCOPE_ENDPOINT'] || DEFAULT_ENDPOINTS.ms,
  };
  for (const endpoint of Object.values(endpoints)) {
    const isWeb = URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
    if (!isWeb) throw new PullError('source', `${shownText(endpoint)} is no URL of a hub`);
  }
  return { endpoints, token: env['HF_TOKEN'] || undefined };
}
