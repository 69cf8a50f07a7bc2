// The Anthropic-style routes beside /v1/messages (api reference §9.8, §1.1): token counts by the real
// prompt, and the model list.

import { countTokensBody, parseCountTokens } from '../../protocol/anthropic/count-tokens.js';
import { anthropicModelBody, anthropicModelListBody } from '../../protocol/anthropic/model-list.js';
import type { App } from '../app.js';
import type { Exchange } from '../exchange.js';
import { contextOf, leniencyOf, readRequest, servingOf } from '../reply/answer.js';
import { healReasoning } from '../reply/healing.js';
import { reportLeniencies } from '../reply/leniency-header.js';
import { untilGone } from '../reply/until-gone.js';

export async function postCountTokens(exchange: Exchange, app: App): Promise<void> {
  const serving = servingOf(exchange, app);
  const leniency = leniencyOf(exchange.principal, app);
  const context = contextOf(exchange, app, { serving, leniency });
  const { request, missingReasoning } = await readRequest(exchange, app, (body) =>
    parseCountTokens(body, context),
  );
  // The message that is sent next is healed, and its prompt is what counts.
  await healReasoning(request, missingReasoning, app.platform);
  reportLeniencies(exchange, leniency);
  const count = serving.chat.countPromptTokens(request, exchange.signal);
  const numTokens = await untilGone(exchange, count);
  exchange.sendJson(200, countTokensBody(numTokens));
}

export function getAnthropicModels(exchange: Exchange): void {
  exchange.sendJson(200, anthropicModelListBody());
}

/** @throws ApiError 404 for a name that is not in the list. */
export function getAnthropicModel(exchange: Exchange): void {
  exchange.sendJson(200, anthropicModelBody(exchange.match.id ?? ''));
}
