// The service worker: the application's shell and the documentation open without a network. It keeps
// only files of the build; answers of the API, conversations and keys are never stored.

const SHELL = 'hadal-shell-v1';
const LIST = '/offline-shell.json';

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const files = await (await fetch(LIST, { cache: 'no-store' })).json();
      const cache = await caches.open(SHELL);
      await cache.addAll(files);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

const isImmutable = (path) => path.startsWith('/assets/');
const isKept = (path) =>
  isImmutable(path) || path.startsWith('/docs-data/') || path === '/icon.svg';

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') return event.respondWith(openPage(request));
  if (isKept(pathname)) event.respondWith(keptFile(request, isImmutable(pathname)));
});

/** The newest page while there is a network; the kept shell when there is none. */
async function openPage(request) {
  try {
    return await fetch(request);
  } catch {
    const shell = await (await caches.open(SHELL)).match('/');
    return shell ?? Response.error();
  }
}

/** Files with a hash in their name never change; others are asked for first. */
async function keptFile(request, isFinal) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept && isFinal) return kept;
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch {
    return kept ?? Response.error();
  }
}
