// Fields that chat and fill-in-the-middle requests share (api reference §2.1, §6.2): their types, and
// the ranges of their values.

import type { ChatRequest } from '../../chat/types.js';
import type { Cursor } from '../deserialize.js';
import type { RequestContext } from '../door.js';
import type { LeniencyLog } from '../leniency.js';
import { rangeError, streamOptionsError, stringRuleError, tooManyError } from './errors.js';
import type { Mode } from './modes.js';

/** undefined = absent or null. */
export interface WireCommon {
  model: string;
  maxTokens: number | undefined;
  temperature: number | undefined;
  topP: number | undefined;
  frequencyPenalty: number | undefined;
  presencePenalty: number | undefined;
  stop: string[];
  stream: boolean;
  streamOptions: { includeUsage: boolean } | undefined;
  /** Not documented by the original, which ignores it; here it makes sampling repeatable. */
  seed: number | undefined;
  /** Of the later platform (§13, item 5): an end user of the tenant, with a cache of their own. */
  userId: string | undefined;
}

/** @throws DeserializeError */
export function readCommon(root: Cursor): WireCommon {
  return {
    model: root.required('model').string(),
    maxTokens: root.optional('max_tokens')?.integer(),
    temperature: root.optional('temperature')?.number(),
    topP: root.optional('top_p')?.number(),
    frequencyPenalty: root.optional('frequency_penalty')?.number(),
    presencePenalty: root.optional('presence_penalty')?.number(),
    stop: readStop(root.optional('stop')),
    stream: root.optional('stream')?.boolean() ?? false,
    streamOptions: readStreamOptions(root.optional('stream_options')),
    seed: readSeed(root.optional('seed')),
    userId: root.optional('user_id')?.string(),
  };
}

function readStop(stop: Cursor | undefined): string[] {
  if (!stop) return [];
  if (stop.isString) return [stop.string()];
  return stop.items('a string or a sequence of strings').map((item) => item.string());
}

function readStreamOptions(options: Cursor | undefined): WireCommon['streamOptions'] {
  if (!options) return undefined;
  return {
    includeUsage: options.optional('include_usage', 'struct StreamOptions')?.boolean() ?? false,
  };
}

/** Never an error: the field is not part of the contract. */
function readSeed(seed: Cursor | undefined): number | undefined {
  const value = seed?.node.kind === 'number' ? Number(seed.node.text) : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}

const MAX_STOPS = 16;
const USER_ID = { maxLength: 512, pattern: '^[a-zA-Z0-9\\-_]+$' };

/** Returns the `max_tokens` to use, undefined when the client set none. @throws ApiError E6, E7 */
export function checkCommonRanges(
  request: WireCommon,
  mode: Mode,
  leniency: LeniencyLog,
): number | undefined {
  const maxTokens = checkMaxTokens(request.maxTokens, mode.maxMaxTokens, leniency);
  const { topP, stop, userId } = request;
  checkRange('temperature', request.temperature, { min: 0, max: 2 });
  if (topP !== undefined && !(topP > 0 && topP <= 1)) throw rangeError('top_p', '(0, 1.0]');
  checkRange('frequency_penalty', request.frequencyPenalty, { min: -2, max: 2 });
  checkRange('presence_penalty', request.presencePenalty, { min: -2, max: 2 });
  if (stop.length > MAX_STOPS) {
    throw tooManyError('stop sequences', { limit: MAX_STOPS, count: stop.length });
  }
  if (request.streamOptions && !request.stream) throw streamOptionsError();
  if (userId !== undefined && !isUserId(userId)) throw stringRuleError('user_id', userId, USER_ID);
  return maxTokens;
}

function checkMaxTokens(
  value: number | undefined,
  max: number,
  leniency: LeniencyLog,
): number | undefined {
  if (value !== undefined && value > max && leniency.apply('clamp_max_tokens')) return max;
  checkRange('max_tokens', value, { min: 1, max });
  return value;
}

export function checkRange(
  field: string,
  value: number | undefined,
  { min, max }: { min: number; max: number },
): void {
  if (value !== undefined && (value < min || value > max)) {
    throw rangeError(field, `[${min}, ${max}]`);
  }
}

function isUserId(value: string): boolean {
  return value.length <= USER_ID.maxLength && /^[a-zA-Z0-9\-_]+$/.test(value);
}

/** Caches and the vault know a tenant's end users apart. */
export function tenantOf({ userId }: WireCommon, { tenant }: RequestContext): string {
  return userId === undefined ? tenant : `${tenant}/${userId}`;
}

/** Sampling parameters have no effect in thinking mode (§5.2). */
export function samplingOf(
  request: WireCommon,
  { mode, mapTemperature }: { mode: Mode; mapTemperature: boolean },
): ChatRequest['sampling'] {
  const given: Partial<WireCommon> = mode.thinking ? {} : request;
  const temperature = given.temperature ?? 1;
  return {
    temperature: mapTemperature ? modelTemperature(temperature) : temperature,
    topP: given.topP ?? 1,
    presencePenalty: given.presencePenalty ?? 0,
    frequencyPenalty: given.frequencyPenalty ?? 0,
    ...(request.seed !== undefined && { seed: request.seed }),
  };
}

/** API temperature to model temperature: 0.3 T up to 1, T - 0.7 above (api reference §10). */
function modelTemperature(temperature: number): number {
  return temperature <= 1 ? 0.3 * temperature : temperature - 0.7;
}
