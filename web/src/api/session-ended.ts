// What happens when the server no longer knows the session: set by the session, called by every
// request that hears of it. Apart from both, so that they need not import each other.

let listener: () => void = () => {};

export function onSessionEnded(run: () => void): void {
  listener = run;
}

export function sessionEnded(): void {
  listener();
}
