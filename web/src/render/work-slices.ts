// Pieces of work that may come in heaps, such as the formulas or the sections of a long answer: done in
// the order in which they came, as many in one frame as fit, so that no frame is late.

const BUDGET_MS = 8;

interface Work {
  run: () => void;
  /** Nothing else in that frame: what it costs shows only afterwards. */
  isAlone: boolean;
}

const waiting: Work[] = [];
let frame = 0;

/** @returns a function that takes the work back if it was not begun. */
export function workSoon(run: () => void, isAlone = false): () => void {
  const work = { run, isAlone };
  waiting.push(work);
  frame ||= requestAnimationFrame(runSome);
  return () => {
    const at = waiting.indexOf(work);
    if (at >= 0) waiting.splice(at, 1);
  };
}

function runSome(): void {
  const end = performance.now() + BUDGET_MS;
  while (waiting.length > 0 && performance.now() < end) {
    const { run, isAlone } = waiting.shift()!;
    run();
    if (isAlone) break;
  }
  frame = waiting.length > 0 ? requestAnimationFrame(runSome) : 0;
}
