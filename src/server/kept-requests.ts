// What the server remembers of the requests it answered, for the console: the log, what runs now, and
// the prompts that explain cache misses. All in memory, all bounded. `false` keeps no content: neither
// bodies nor replies nor prompts; times and counts are kept all the same.

import { LiveMonitor } from '../observe/live-monitor.js';
import type { LoggedEnd, LoggedRequest } from '../observe/logged-request.js';
import { RequestLog, type RequestLogOptions } from '../observe/request-log.js';
import type { RequestObservation, RequestStart } from '../observe/types.js';
import { PromptMemory } from '../web/requests/cache/prompt-memory.js';
import type { ReplyProgress } from '../chat/reply-progress.js';

export interface KeptRequestsOptions extends Omit<RequestLogOptions, 'keepsContent'> {
  /** Of remembered prompts, default 64 MiB. */
  maxPromptBytes?: number;
}

export class KeptRequests {
  readonly log: RequestLog;
  readonly live: LiveMonitor;
  /** Absent when no content is kept. */
  readonly prompts: PromptMemory | undefined;

  constructor(options: KeptRequestsOptions | false = {}, now?: () => number) {
    const { maxPromptBytes, ...bounds } = options === false ? {} : options;
    const keepsContent = options !== false;
    this.log = new RequestLog({ ...bounds, keepsContent });
    this.live = new LiveMonitor(now && { now });
    this.prompts = keepsContent
      ? new PromptMemory(maxPromptBytes === undefined ? {} : { maxBytes: maxPromptBytes })
      : undefined;
  }

  open(start: RequestStart, observation: RequestObservation): LoggedRequest {
    const logged = this.log.open(start, observation);
    this.live.open(logged);
    return logged;
  }

  /** After the observation's own end. */
  end(logged: LoggedRequest, end: LoggedEnd): void {
    this.log.end(logged, end);
    this.live.end(logged);
  }

  /** Of a reply that is over, whatever its end. `tenant` keeps caches apart, and so memories. */
  rememberPrompt(
    logged: LoggedRequest,
    progress: ReplyProgress,
    { tenant, model }: { tenant: string; model: string },
  ): void {
    const { startTimeMs, ageMs, facts } = logged.observation;
    this.prompts?.remember(`${model}\n${tenant}`, {
      traceId: logged.traceId,
      keyId: facts.keyId ?? '',
      model,
      sequence: logged.sequence,
      startedAt: startTimeMs,
      endedAt: startTimeMs + ageMs,
      tokens: progress.sequence(),
      promptTokens: progress.prompt.length,
      cacheHitTokens: progress.cacheHitTokens,
    });
  }
}
