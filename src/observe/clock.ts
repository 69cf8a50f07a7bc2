// Time as a dependency, so that tests move it by hand. Two clocks on purpose: dates may jump when
// the machine's clock is set, durations must not.

export interface ObserverClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since any fixed moment; never goes back. */
  elapsed(): number;
}

export interface ObserverTimers {
  /** Runs `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: ObserverClock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};

/** Timers that never keep the process alive: nobody waits for a status sample. */
export const backgroundTimers: ObserverTimers = {
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
