// Work in steps: a generator that yields where others may have their turn, for conversations of
// megabytes. Who is in no hurry, or not alone, decides what happens at a yield.

/** Does all of it at once. */
export function runToEnd<T>(steps: Generator<void, T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
