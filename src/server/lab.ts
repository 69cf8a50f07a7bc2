// The lab behind `/lab/<scenario>/...`: every API route with a played model instead of a real one,
// for client authors (docs/lab.md). Free of charge and with a queue of its own, so that a scenario
// of five silent minutes takes no place from paying requests.

import type { ServerResponse } from 'node:http';
import { ChatService } from '../chat/chat-service.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { scenarioBackend } from '../lab/scenario-backend.js';
import type { Scenario, ScenarioFailure } from '../lab/scenario.js';
import { findScenario } from '../lab/scenarios.js';
import type { ApiError } from '../protocol/api-error.js';
import {
  contentRiskError,
  insufficientBalanceError,
  internalError,
  overloadedError,
  rateLimitError,
  unknownKeyError,
} from '../protocol/openai/errors.js';
import { Admission, type AdmissionLimits } from './admission.js';
import type { Serving } from './app.js';
import type { Exchange } from './exchange.js';
import type { Timers } from './timers.js';

export interface LabOptions {
  tokenizer: Tokenizer;
  timers: Timers;
  limits: AdmissionLimits;
  now: () => number;
}

/** Scenarios with a number are many; this bounds how many are kept ready. */
const MAX_READY = 64;

export class Lab {
  readonly #options: LabOptions;
  readonly #admission: Admission;
  /** Least recently used first. */
  readonly #servings = new Map<string, Serving>();
  /** Ways to break the connection of a running request, by trace id. */
  readonly #cuts = new Map<string, () => void>();

  constructor(options: LabOptions) {
    this.#options = options;
    this.#admission = new Admission(options.limits, options.now);
  }

  has(name: string): boolean {
    return findScenario(name) !== undefined;
  }

  /**
   * False when the scenario is to fail before a reply and the failure has been played.
   * @throws ApiError for a failure in the API's own form.
   */
  enter(name: string, exchange: Exchange): boolean {
    const failure = findScenario(name)?.failure;
    if (failure) return playFailure(failure, exchange);
    const { response, traceId } = exchange;
    this.#cuts.set(traceId, () => cut(response));
    response.once('close', () => this.#cuts.delete(traceId));
    return true;
  }

  serving(name: string): Serving | undefined {
    const scenario = findScenario(name);
    if (!scenario) return undefined;
    const serving = this.#servings.get(name) ?? this.#newServing(scenario);
    this.#servings.delete(name);
    this.#servings.set(name, serving);
    if (this.#servings.size > MAX_READY) {
      this.#servings.delete(this.#servings.keys().next().value!);
    }
    return serving;
  }

  #newServing(scenario: Scenario): Serving {
    const { tokenizer, timers } = this.#options;
    const backend = scenarioBackend(scenario, {
      tokenizer,
      timers,
      onCut: (traceId) => this.#cuts.get(traceId)?.(),
    });
    return {
      chat: new ChatService({ backend, tokenizer }),
      model: backend.cards()[0]!.id,
      systemFingerprint: `fp_lab_${scenario.name}_hadal`,
      mapTemperature: false,
      admission: this.#admission,
      isBilled: false,
    };
  }
}

/** What was produced so far still goes out: it waits for the end of this turn (reply/socket-writer.ts). */
function cut(response: ServerResponse): void {
  setImmediate(() => {
    if (response.socket) response.socket.destroySoon();
    else response.destroy();
  });
}

function playFailure(failure: ScenarioFailure, exchange: Exchange): boolean {
  switch (failure.type) {
    case 'error':
      playError(errorOf(failure), exchange);
      return false;
    case 'foreign':
      exchange.sendText(failure.status, failure.contentType, failure.body);
      return false;
    case 'disconnect':
      exchange.response.destroy();
      return false;
  }
}

/** 404 has no body, as for any path that is not there. */
function playError(error: ApiError | undefined, exchange: Exchange): void {
  if (error) throw error;
  exchange.sendEmpty(404);
}

function errorOf({
  kind,
  retryAfterSeconds = 1,
}: Extract<ScenarioFailure, { type: 'error' }>): ApiError | undefined {
  switch (kind) {
    case 'content-risk':
      return contentRiskError();
    case 'unauthorized':
      return unknownKeyError('sk-lab-0000');
    case 'insufficient-balance':
      return insufficientBalanceError();
    case 'rate-limit':
      return rateLimitError('4 concurrent requests', retryAfterSeconds);
    case 'internal':
      return internalError(new Error('played by the lab'));
    case 'not-found':
      return undefined;
    case 'overloaded':
      return overloadedError(undefined, retryAfterSeconds);
  }
}
