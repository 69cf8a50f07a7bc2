// `POST /completions` (api reference §6.2): fill in the middle, or plain continuation without a
// suffix. Reads, checks in the platform's order (§2.3), and translates. No template, no thinking.

import type { FimRequest } from '../../chat/types.js';
import type { Cursor } from '../deserialize.js';
import type { RequestContext } from '../door.js';
import { completionsNeedBetaError, modelNotFoundError, unsupportedFeatureError } from './errors.js';
import { FIM_MODE, THINKING_MODE } from './modes.js';
import { readRequestBody } from './request-body.js';
import {
  checkCommonRanges,
  checkRange,
  readCommon,
  samplingOf,
  tenantOf,
  type WireCommon,
} from './wire-common.js';

interface WireFimRequest extends WireCommon {
  prompt: string;
  suffix: string | undefined;
  echo: boolean;
  /** How many alternatives per token; the chosen token comes on top. */
  logprobs: number | undefined;
}

export interface ParsedFimRequest {
  fim: FimRequest;
  stream: boolean;
  includeUsage: boolean;
  echo: boolean;
}

/** @throws ApiError with the documented text; 402 from `requireBalance` passes through. */
export function parseFimRequest(body: Uint8Array, context: RequestContext): ParsedFimRequest {
  // Whatever the body says: on the other bases this is not an endpoint (E18).
  if (context.base !== 'beta') throw completionsNeedBetaError();
  const wire = readRequestBody(body, readRequest);
  if (wire.model === THINKING_MODE.alias) throw unsupportedFeatureError('FIM Completion');
  if (wire.model !== FIM_MODE.alias) throw modelNotFoundError();
  const maxTokens = checkCommonRanges(wire, FIM_MODE, context.leniency);
  checkRange('logprobs', wire.logprobs, { min: 0, max: 20 });
  context.requireBalance();
  return {
    fim: toFimRequest(wire, maxTokens, context),
    stream: wire.stream,
    includeUsage: wire.streamOptions?.includeUsage ?? false,
    echo: wire.echo,
  };
}

function readRequest(root: Cursor): WireFimRequest {
  return {
    prompt: root.required('prompt', 'struct CompletionRequest').string(),
    suffix: root.optional('suffix')?.string(),
    echo: root.optional('echo')?.boolean() ?? false,
    logprobs: root.optional('logprobs')?.integer(),
    ...readCommon(root),
  };
}

function toFimRequest(
  wire: WireFimRequest,
  maxTokens: number | undefined,
  context: RequestContext,
): FimRequest {
  const { traceId, model, mapTemperature } = context;
  return {
    kind: 'fim',
    traceId,
    tenant: tenantOf(wire, context),
    model,
    prompt: wire.prompt,
    ...(wire.suffix !== undefined && { suffix: wire.suffix }),
    sampling: samplingOf(wire, { mode: FIM_MODE, mapTemperature }),
    stop: wire.stop,
    maxTokens: maxTokens ?? FIM_MODE.defaultMaxTokens,
    maxTokensExplicit: maxTokens !== undefined,
    ...(wire.logprobs !== undefined && { topLogprobs: wire.logprobs }),
  };
}
