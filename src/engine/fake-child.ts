// Entry of an engine child with the fake model, for supervisor and server tests. The model path
// selects its behaviour, because that is what travels to a child.

import { serveEngine } from './child.js';
import { createFakeRunner, FAILING_TOKEN, POISON_TOKEN } from './fake-runner.js';

serveEngine(async ({ source: { path, cacheBytes }, onWarning, onNote, onProgress }) => {
  if (path === 'warns') onWarning('using a slow device');
  if (path === 'talks') {
    onProgress(10, 20);
    onNote('a device with kernels');
  }
  if (path === 'corrupt') throw new Error('corrupt: not a GGUF file (it starts with "XXXX")');
  if (path === 'dies') process.abort();
  return createFakeRunner({
    contextLength: 1_000_000,
    ...(cacheBytes !== undefined && { cacheBudgetBytes: cacheBytes }),
    onStep: (parts) => {
      while (path === 'hangs'); // its loop never turns again
      const isFed = (token: number) => parts.some(({ slice }) => slice.tokens.includes(token));
      if (isFed(POISON_TOKEN)) process.abort();
      if (isFed(FAILING_TOKEN)) throw new Error('the forward pass failed');
    },
  });
});
