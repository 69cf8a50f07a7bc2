// Installs the service worker, which keeps the shell for times without a network. Needs a secure
// context: https, or this machine.

export function registerOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  window.addEventListener('load', () => {
    // Without it everything works, only not offline; private windows may refuse.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  });
}
