// The process of one contender: opens it, does what the bench asks, says how long it took. Ends when
// the bench goes away.

import type { Contender } from './contender.js';
import type { Reply, Request } from './messages.js';

let contender: Contender | undefined;
/** When the operation before ended. */
let idleFrom = { ms: performance.now(), cpuMs: cpuMs() };

process.on('disconnect', () => process.exit(0));
process.on('message', (request: Request) => {
  void serve(request).then((reply) => process.send!(reply));
});

async function serve(request: Request): Promise<Reply> {
  const idleMs = performance.now() - idleFrom.ms;
  const idleCpuMs = cpuMs() - idleFrom.cpuMs;
  try {
    if (request.do === 'open') contender = await open(request);
    if (contender === undefined) throw new Error(`${request.do} before a contender was opened`);
    const start = performance.now();
    const startCpu = cpuMs();
    await run(contender, request);
    const ms = performance.now() - start;
    return { ms, cpuMs: cpuMs() - startCpu, idleMs, idleCpuMs, about: contender.about };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    idleFrom = { ms: performance.now(), cpuMs: cpuMs() };
  }
}

/** Each contender's library is loaded only where it runs. */
async function open({ kind, options }: Extract<Request, { do: 'open' }>): Promise<Contender> {
  if (kind === 'hadal') {
    return (await import('./hadal-contender.js')).HadalContender.open(options);
  }
  return (await import('./peer-contender.js')).PeerContender.open(options);
}

async function run(contender: Contender, request: Request): Promise<void> {
  switch (request.do) {
    case 'open':
      return;
    case 'prefill':
      return contender.prefill(request.tokens);
    case 'step':
      return contender.step();
    case 'rewind':
      return contender.rewind(request.length);
    case 'save':
      return contender.save(request.path);
    case 'fill':
      return contender.fill(request.path, request.length);
    case 'close':
      return contender.close();
    default:
      request satisfies never;
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
