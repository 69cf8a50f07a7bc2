// Says to screen readers what happened elsewhere on the page: an answer is there, a tool waits. Never
// per token.

import { signal } from '@preact/signals';

const said = signal('');

export function announce(text: string): void {
  // The same words again are news too: an invisible difference makes them so.
  said.value = said.value === text ? `${text}\u00a0` : text;
}

export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {said.value}
    </div>
  );
}
