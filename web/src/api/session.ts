// Who is signed in. `session` is undefined until the server has been asked.

import { signal } from '@preact/signals';
import type { SessionInfo, SignIn } from '../../../src/web/wire.js';
import { call } from './http.js';
import { onSessionEnded } from './session-ended.js';

const PATH = '/web/v1/session';

export const session = signal<SessionInfo | undefined>(undefined);

/** @throws ApiFailure */
export async function loadSession(): Promise<void> {
  session.value = await call<SessionInfo>(PATH);
}

/** @throws ApiFailure with the reason, in words. */
export async function signIn(how: SignIn): Promise<void> {
  await call(PATH, { method: 'POST', body: how });
  await loadSession();
}

/** @throws ApiFailure */
export async function signOut(): Promise<void> {
  await call(PATH, { method: 'DELETE' });
  // Drafts and choices belong to whoever was here.
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith('hadal.draft')) localStorage.removeItem(key);
  }
  await loadSession();
}

/**
 * The first thing of all: the link's ticket, or being on this machine at a first start, or the session
 * that is there. @returns why a link did not work
 */
export async function startSession(): Promise<string | undefined> {
  const ticket = /^#sign-in=([\w-]+)$/.exec(location.hash)?.[1];
  // Away with it before anything else can see the address.
  if (ticket !== undefined) history.replaceState(null, '', location.pathname);
  await loadSession();
  let problem: string | undefined;
  if (ticket !== undefined) {
    try {
      await signIn({ ticket });
      return undefined;
    } catch (error) {
      problem = (error as Error).message;
    }
  }
  if (session.value?.local_sign_in) await signIn({ local: true });
  return session.value?.signed_in ? undefined : problem;
}

onSessionEnded(() => {
  const { value } = session;
  if (value?.signed_in)
    session.value = { ...value, signed_in: false, key: null, is_operator: false };
});
