// Small pieces of work that may come in heaps, such as the formulas of a long answer: done in the order in
// which they came, as many in one frame as fit, so that no frame is late.

const BUDGET_MS = 8;

const waiting: (() => void)[] = [];
let frame = 0;

/** @returns a function that takes the work back if it was not begun. */
export function workSoon(work: () => void): () => void {
  waiting.push(work);
  frame ||= requestAnimationFrame(run);
  return () => {
    const at = waiting.indexOf(work);
    if (at >= 0) waiting.splice(at, 1);
  };
}

function run(): void {
  const end = performance.now() + BUDGET_MS;
  do waiting.shift()?.();
  while (waiting.length > 0 && performance.now() < end);
  frame = waiting.length > 0 ? requestAnimationFrame(run) : 0;
}
