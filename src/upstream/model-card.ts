// The one card of a set of endpoints: what they tell about their model, checked against what the user
// promises.

import type { ModelCard } from '../backend/types.js';
import type { Endpoint } from './endpoint.js';
import { UpstreamConfigError } from './failure.js';
import type { UpstreamNotice } from './notices.js';

export interface CardOptions {
  /** In tokens; default: the smallest that the endpoints report. */
  contextLength: number | undefined;
  /** Default: the endpoints' name of the model. */
  modelId: string | undefined;
  vocabSize: number;
  /** Whether the user named the model of every endpoint, and so vouches that they are one. */
  areModelsNamed: boolean;
  onNotice: (notice: UpstreamNotice) => void;
}

/** @throws UpstreamConfigError: different models, or nobody tells what a card needs. */
export function modelCard(
  endpoints: readonly Endpoint[],
  { contextLength, modelId, vocabSize, areModelsNamed, onNotice }: CardOptions,
): ModelCard {
  const names = new Set(endpoints.flatMap(({ model }) => model ?? []));
  if (names.size > 1 && !areModelsNamed) {
    throw new UpstreamConfigError(
      `the endpoints serve different models (${[...names].join(', ')}); name one per endpoint, or ` +
        'use endpoints of one model',
    );
  }
  const reported = endpoints.flatMap(({ contextLength }) => contextLength ?? []);
  const length = contextLength ?? (reported.length > 0 ? Math.min(...reported) : undefined);
  const id = modelId ?? [...names][0];
  if (length === undefined || id === undefined) {
    const what =
      length === undefined ? 'context length (--context)' : 'name of the model (--upstream-model)';
    const failures = endpoints.flatMap(({ label, circuit }) =>
      circuit.detail === undefined ? [] : [`${label}: ${circuit.detail}`],
    );
    const why = failures.length > 0 ? ` (${failures.join('; ')})` : '';
    throw new UpstreamConfigError(
      `the upstreams do not tell the ${what}, so it must be given${why}`,
    );
  }
  for (const { label, contextLength: theirs } of endpoints) {
    if (theirs === undefined || theirs >= length) continue;
    const detail = `holds ${theirs} tokens, less than the ${length} promised`;
    onNotice({ type: 'configuration', endpoint: label, detail });
  }
  return { id, contextLength: length, vocabSize };
}
