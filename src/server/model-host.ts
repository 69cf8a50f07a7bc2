// The model this server serves, and its exchange for another while it runs. Only one fits into memory,
// so the old one goes before the new one comes: first no request is taken any more (503 with
// retry-after), those being answered finish, or are ended properly when that takes too long; then the
// engine process ends, and another starts. When that fails the old model is loaded again. Accounts,
// sessions and the lab do not notice.

import { createHash } from 'node:crypto';
import { totalmem } from 'node:os';
import type { ModelCard } from '../backend/types.js';
import { ChatService } from '../chat/chat-service.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { ComponentReport, EngineReport, UpstreamReport } from '../observe/types.js';
import { hubSettings } from '../pull/endpoints.js';
import { PullJobs } from '../pull/pull-jobs.js';
import type { HubEndpoints } from '../pull/pull-source.js';
import type { EngineHost } from '../web/models/engine-host.js';
import type {
  EngineInfo,
  EngineMemory,
  LoadedModel,
  LoadRequest,
  ModelFolder,
  UnloadRequest,
} from '../web/models-wire.js';
import { WebError } from '../web/web-error.js';
import { Admission, AdmissionError } from './admission.js';
import { DEFAULT_LIMITS, type ServerLimits, type Serving } from './app.js';
import {
  chooseBackend,
  isEmbedded,
  type BackendOptions,
  type ChosenBackend,
} from './choose-backend.js';
import { EngineTotals } from './engine-totals.js';
import type { Log } from './log.js';
import {
  EMBEDDED_ID,
  ModelFiles,
  problemOfModel,
  START_ID,
  SUPPORTED_ARCHITECTURES,
  tokenizerPlace,
  type ModelFile,
} from './model-files.js';
import { systemTimers, type Timers } from './timers.js';

export interface ModelHostOptions extends BackendOptions {
  log: Log;
  limits?: Partial<ServerLimits>;
  timers?: Timers;
  /** Milliseconds since 1970. */
  now?: () => number;
  mapTemperature?: boolean;
  /** Mirrors of the hubs that models are pulled from. Default: as the environment says. */
  hubs?: Partial<HubEndpoints>;
}

/** A model that is served, or was until a moment ago. */
interface Served {
  options: BackendOptions;
  /** Id of its file; null for models of others. */
  file: string | null;
  chosen: ChosenBackend;
  serving: Serving;
  tokenizer: LoadedModel['tokenizer'];
  loadedAt: number;
}

interface Exchange {
  from: string | null;
  to: string | null;
  step: 'draining' | 'loading' | 'restoring';
  loadedBytes: number;
  totalBytes: number;
  since: number;
}

const DEFAULT_WAIT_SECONDS = 60;
/** When a client that came during an exchange should come again, and one that found no model at all. */
const EXCHANGE_RETRY_SECONDS = 5;
const EMPTY_RETRY_SECONDS = 30;

export class ModelHost implements EngineHost {
  readonly limits: ServerLimits;
  readonly files: ModelFiles;
  /** undefined: there is no folder to pull into. */
  readonly pulls: PullJobs | undefined;
  readonly #options: ModelHostOptions;
  readonly #totals = new EngineTotals();
  readonly #closing = new AbortController();
  /** What is served; while nothing is, what was served last. */
  #served: Served;
  #isEmpty = false;
  #exchange: Exchange | undefined;
  #exchanged: Promise<void> = Promise.resolve();
  #failure: { file: string; message: string; at: number } | undefined;

  /** @throws as chooseBackend, and Error when tokenizer and model do not belong together */
  static async start(options: ModelHostOptions): Promise<ModelHost> {
    const chosen = await chooseMatching(options, options.log);
    return new ModelHost(options, chosen);
  }

  private constructor(options: ModelHostOptions, chosen: ChosenBackend) {
    this.#options = options;
    const { maxRunning } = chosen;
    this.limits = { ...DEFAULT_LIMITS, ...(maxRunning && { maxRunning }), ...options.limits };
    const { modelPath: startPath, dataDir } = options;
    this.files = new ModelFiles({ startPath, dataDir });
    const { folder } = this.files;
    this.pulls = folder === undefined ? undefined : this.#newPulls(folder);
    const ofStart = startPath === undefined ? EMBEDDED_ID : START_ID;
    this.#served = this.#newServed(options, chosen, this.#kind === 'engine' ? ofStart : null);
  }

  get #kind(): EngineInfo['kind'] {
    if (this.#options.served) return 'given';
    return this.#options.upstream ? 'upstream' : 'engine';
  }

  /** The road to the model; closed while there is none. */
  get serving(): Serving {
    return this.#served.serving;
  }

  get card(): ModelCard {
    return this.#served.chosen.backend.cards()[0]!;
  }

  get tokenizer(): Tokenizer {
    return this.#served.chosen.tokenizer;
  }

  /** For /status and metrics: what computes. */
  components(): ComponentReport[] {
    if (this.#exchange) {
      const detail = 'another model is being loaded; requests get 503 until it is there';
      return [{ name: 'engine', status: 'degraded', detail }];
    }
    if (this.#isEmpty) return [{ name: 'engine', status: 'down', detail: NOT_LOADED }];
    return this.#served.chosen.components();
  }

  /** Absent = it computes by itself. */
  get upstreams(): (() => UpstreamReport[]) | undefined {
    return this.#served.chosen.upstreams;
  }

  /** Absent = others compute. Follows the model. */
  get engine(): (() => Promise<EngineReport>) | undefined {
    if (!this.#served.chosen.engine) return undefined;
    return async () => this.#totals.with(await this.#present());
  }

  #present(): Promise<EngineReport | undefined> {
    const { backend, engine } = this.#served.chosen;
    const isGone = this.#isEmpty || backend.health().status === 'closed';
    return isGone || !engine ? Promise.resolve(undefined) : engine();
  }

  async info(): Promise<EngineInfo> {
    const exchange = this.#exchange;
    const failure = this.#failure;
    const state = exchange ? 'exchanging' : this.#isEmpty ? 'empty' : 'loaded';
    return {
      kind: this.#kind,
      state,
      model: state === 'loaded' ? this.#loadedModel() : null,
      exchange: exchange
        ? {
            from: exchange.from,
            to: exchange.to,
            step: exchange.step,
            running: this.serving.admission.running + this.serving.admission.queued,
            loaded_bytes: exchange.loadedBytes,
            total_bytes: exchange.totalBytes,
            since: isoTime(exchange.since),
          }
        : null,
      failure: failure ? { ...failure, at: isoTime(failure.at) } : null,
      memory: await this.#memory(),
    };
  }

  folder(): Promise<ModelFolder> {
    return this.files.describe(this.#isEmpty || this.#exchange ? null : this.#served.file);
  }

  load({ file: id, tokenizer, wait_seconds = DEFAULT_WAIT_SECONDS }: LoadRequest): void {
    this.#requireExchangeable();
    const file = this.files.find(id);
    if (!file)
      throw new WebError(404, `there is no model file ${id}; GET /web/v1/models lists them`);
    if (file.problem !== null) throw new WebError(409, file.problem);
    const options = this.#optionsOf(file, tokenizer);
    requireTokenizer(file, options.tokenizerPath);
    this.#begin({ id: file.id, options }, wait_seconds * 1000);
  }

  unload({ wait_seconds = DEFAULT_WAIT_SECONDS }: UnloadRequest): void {
    this.#requireExchangeable();
    if (this.#isEmpty) throw new WebError(409, NOT_LOADED);
    this.#begin(undefined, wait_seconds * 1000);
  }

  async remove(id: string): Promise<void> {
    const file = this.files.find(id);
    if (!file) throw new WebError(404, `there is no model file ${id}`);
    if (!file.isRemovable) throw new WebError(409, `${file.name} is not in the models folder`);
    const isUsed = this.#exchange?.from === id || this.#exchange?.to === id;
    if (isUsed || (!this.#isEmpty && this.#served.file === id)) {
      throw new WebError(409, `${file.name} is loaded; load another model or unload it first`);
    }
    await this.files.remove(file);
    this.#options.log('info', 'model file deleted', { file: file.name });
  }

  loadedPaths(): { model: string; tokenizer: string | undefined } {
    if (this.#kind !== 'engine') throw new WebError(409, this.#elsewhere());
    const file = this.#isEmpty || this.#exchange ? undefined : this.files.find(this.#served.file!);
    if (!file) throw new WebError(409, 'no model is loaded at this moment; try again when one is');
    return { model: file.path, tokenizer: this.#served.options.tokenizerPath };
  }

  /** Resolves when an exchange that is under way is over; never rejects. */
  get exchanged(): Promise<void> {
    return this.#exchanged;
  }

  /** Ends an exchange and the engine. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the server is stopping'));
    await this.pulls?.close();
    await this.#exchanged;
    await this.#served.chosen.backend.dispose();
  }

  // The exchange ---------------------------------------------------------------------------------

  #begin(to: { id: string; options: BackendOptions } | undefined, waitMs: number): void {
    const from = this.#isEmpty ? null : this.#served.file;
    this.#exchange = {
      from,
      to: to?.id ?? null,
      step: 'draining',
      loadedBytes: 0,
      totalBytes: 0,
      since: this.#now(),
    };
    this.#exchanged = this.#run(this.#exchange, to, waitMs).finally(() => {
      this.#exchange = undefined;
    });
  }

  async #run(
    exchange: Exchange,
    to: { id: string; options: BackendOptions } | undefined,
    waitMs: number,
  ): Promise<void> {
    const { log } = this.#options;
    const before = this.#isEmpty ? undefined : this.#served;
    log('info', 'model exchange', {
      from: exchange.from ?? '',
      to: exchange.to ?? '',
    });
    if (before) await this.#retire(before, waitMs, to !== undefined);
    this.#isEmpty = true;
    this.#failure = undefined;
    if (!to) return;
    exchange.step = 'loading';
    const problem = await this.#tryLoad(exchange, to);
    if (problem === undefined || this.#closing.signal.aborted) return;
    log('error', 'model could not be loaded', { file: to.id, error: problem });
    const failure = { file: to.id, message: problem, at: this.#now() };
    if (before && !this.#closing.signal.aborted) {
      exchange.step = 'restoring';
      const worse = await this.#tryLoad(exchange, { id: before.file!, options: before.options });
      if (worse !== undefined) {
        failure.message += `; and the model before it could not be loaded again: ${worse}`;
        log('error', 'model could not be restored', { file: before.file ?? '', error: worse });
      }
    }
    this.#failure = failure;
    if (this.#isEmpty) void this.serving.admission.close(UNLOADED);
  }

  /** Until every reply of it has ended, one way or the other, and its memory is free. */
  async #retire({ chosen, serving }: Served, waitMs: number, isExchange: boolean): Promise<void> {
    const { timers = systemTimers } = this.#options;
    const { admission } = serving;
    const left = admission.close(isExchange ? EXCHANGING : UNLOADED);
    const { signal } = this.#closing;
    await new Promise<void>((go) => {
      const cancel = timers.after(waitMs, go);
      signal.addEventListener('abort', () => go());
      void left.then(go).finally(cancel);
    });
    const last = await chosen.engine?.();
    // Replies that are still running end with `insufficient_system_resource` and are billed so far.
    await chosen.backend.dispose();
    if (last) this.#totals.add(last);
  }

  /** Why it failed, in words. */
  async #tryLoad(
    exchange: Exchange,
    { id, options }: { id: string; options: BackendOptions },
  ): Promise<string | undefined> {
    const onLoadProgress = (loadedBytes: number, totalBytes: number): void => {
      Object.assign(exchange, { loadedBytes, totalBytes });
    };
    onLoadProgress(0, 0);
    try {
      const { signal } = this.#closing;
      const wanted = { ...options, onLoadProgress, signal };
      const chosen = await chooseMatching(wanted, this.#options.log);
      this.#served = this.#newServed(options, chosen, id);
      this.#isEmpty = false;
      this.#options.log('info', 'model loaded', { file: id, model: this.card.id });
      return undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return message.replaceAll(`${options.modelPath}: `, '');
    }
  }

  /** As at start, but with this file. */
  #optionsOf({ id, path }: ModelFile, tokenizer: string | undefined): BackendOptions {
    const { modelPath: _model, tokenizerPath: ofStart, ...rest } = this.#options;
    const tokenizerPath = tokenizer ?? (id === START_ID ? ofStart : undefined);
    return {
      ...rest,
      ...(id !== EMBEDDED_ID && { modelPath: path }),
      ...(tokenizerPath !== undefined && { tokenizerPath }),
    };
  }

  #newServed(options: BackendOptions, chosen: ChosenBackend, file: string | null): Served {
    const card = chosen.backend.cards()[0]!;
    const serving: Serving = {
      chat: new ChatService({ backend: chosen.backend, tokenizer: chosen.tokenizer }),
      model: card.id,
      systemFingerprint: fingerprintOf(card),
      mapTemperature: this.#options.mapTemperature ?? isEmbedded(options),
      admission: new Admission(this.limits, this.#options.now),
      isBilled: true,
    };
    const path = file === null ? undefined : this.files.find(file)?.path;
    const { tokenizerPath: named } = options;
    const place = path === undefined ? undefined : tokenizerPlace(path, named);
    const tokenizer = {
      from: place?.from ?? 'named',
      name: place === undefined || place.from === 'named' ? (named ?? null) : null,
      tokens: chosen.tokenizer.vocabSize,
    };
    return { options, file, chosen, serving, tokenizer, loadedAt: this.#now() };
  }

  #newPulls(folder: string): PullJobs {
    const { log } = this.#options;
    return new PullJobs({
      ...hubSettings(this.#options.hubs),
      folder,
      architectures: SUPPORTED_ARCHITECTURES,
      problemOf: problemOfModel,
      log,
      now: () => this.#now(),
    });
  }

  #requireExchangeable(): void {
    if (this.#kind !== 'engine') throw new WebError(409, this.#elsewhere());
    if (this.#closing.signal.aborted) throw new WebError(409, 'the server is stopping');
    if (this.#exchange)
      throw new WebError(409, 'a model is being exchanged; wait until it is done');
  }

  #elsewhere(): string {
    return this.#kind === 'upstream'
      ? 'the models are those of the inference servers behind this one (--upstream): load them there'
      : 'the model was brought by the program that started this server';
  }

  // What is told about it ------------------------------------------------------------------------

  #loadedModel(): LoadedModel {
    const { chosen, file: id, tokenizer, loadedAt } = this.#served;
    const { contextLength, vocabSize } = this.card;
    const file = id === null ? undefined : this.files.find(id);
    return {
      file: id,
      id: this.card.id,
      context_length: contextLength,
      vocab_size: vocabSize,
      status: chosen.backend.health().status,
      summary: file?.summary ?? null,
      tokenizer,
      loaded_at: isoTime(loadedAt),
    };
  }

  async #memory(): Promise<EngineMemory> {
    const report = await this.#present();
    const file = report === undefined ? undefined : this.files.find(this.#served.file ?? '');
    const limit = process.constrainedMemory();
    return {
      resident_bytes: report?.residentBytes ?? null,
      weights_bytes: file?.bytes ?? null,
      kv_bytes: report?.cacheBytes ?? null,
      kv_budget_bytes: report?.cacheBudgetBytes ?? null,
      cache_ram_bytes: report?.prefixCache?.ramBytes ?? null,
      cache_disk_bytes: report?.prefixCache?.diskBytes ?? null,
      total_bytes: limit === 0 ? totalmem() : Math.min(limit, totalmem()),
      available_bytes: process.availableMemory(),
    };
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

const EXCHANGING = new AdmissionError(
  'queue',
  'another model is being loaded',
  EXCHANGE_RETRY_SECONDS,
);
const NOT_LOADED = 'no model is loaded';
const UNLOADED = new AdmissionError('queue', NOT_LOADED, EMPTY_RETRY_SECONDS);

async function chooseMatching(options: BackendOptions, log: Log): Promise<ChosenBackend> {
  const chosen = await chooseBackend(options, log);
  const { tokenizer, backend } = chosen;
  const model = backend.cards()[0]!;
  if (tokenizer.vocabSize <= model.vocabSize) return chosen;
  await backend.dispose();
  throw new Error(
    `the tokenizer has ${tokenizer.vocabSize} tokens but ${model.id} only ${model.vocabSize}; ` +
      'they do not belong together',
  );
}

/** Before anything is closed for it. @throws WebError 409 */
function requireTokenizer(file: ModelFile, named: string | undefined): void {
  try {
    tokenizerPlace(file.path, named);
  } catch (cause) {
    const message = (cause as Error).message.replace('--tokenizer', '`tokenizer`: v3 or v3.2');
    throw new WebError(409, message, { cause });
  }
}

/** Changes with the weights served, like the original's; names nothing secret. */
function fingerprintOf({ id, contextLength, vocabSize }: ModelCard): string {
  const digest = createHash('sha256').update(`${id} ${contextLength} ${vocabSize}`).digest('hex');
  return `fp_${digest.slice(0, 10)}_hadal`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
