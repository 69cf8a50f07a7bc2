// Checks a GenerateRequest against a model card before a backend takes it up, so that a bad request
// is an exception for its caller and never a broken step for everyone else.

import { BackendError, type GenerateRequest, type ModelCard } from './types.js';

/** @throws BackendError `context_length` or `invalid_request`. */
export function validateRequest(request: GenerateRequest, card: ModelCard): void {
  const { promptTokens, sampling } = request;
  requireThat(promptTokens.length > 0, 'promptTokens is empty; there is nothing to continue');
  if (promptTokens.length >= card.contextLength) {
    throw new BackendError(
      'context_length',
      `the prompt has ${promptTokens.length} tokens; ${card.id} holds ${card.contextLength}, ` +
        'prompt and at least one generated token together',
    );
  }
  for (const token of promptTokens) {
    requireThat(
      token >= 0 && token < card.vocabSize,
      `prompt token ${token} is outside the vocabulary of ${card.id} (${card.vocabSize} entries)`,
    );
  }
  requireThat(
    Number.isInteger(request.maxTokens) && request.maxTokens >= 1,
    `maxTokens must be a whole number of at least 1, got ${request.maxTokens}`,
  );
  requireThat(
    sampling.temperature >= 0 && Number.isFinite(sampling.temperature),
    `temperature must be a number of at least 0, got ${sampling.temperature}`,
  );
  requireThat(
    sampling.topP > 0 && sampling.topP <= 1,
    `topP must be in (0, 1], got ${sampling.topP}`,
  );
  requireThat(
    Number.isFinite(sampling.presencePenalty) && Number.isFinite(sampling.frequencyPenalty),
    'penalties must be numbers',
  );
  requireThat(
    sampling.seed === undefined || Number.isSafeInteger(sampling.seed),
    `seed must be a safe integer, got ${sampling.seed}`,
  );
}

function requireThat(condition: boolean, message: string): void {
  if (!condition) throw new BackendError('invalid_request', message);
}
