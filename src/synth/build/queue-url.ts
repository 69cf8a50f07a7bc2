// The URL of a queue, and how its password is kept out of everything that is said.

/** The database does not let itself be used as a queue; `message` names it without its password. */
export class QueueError extends Error {
  override name = 'QueueError';
}

/** What may be said of a URL, and what errors of others say without its password.
 *  @throws QueueError if it is none */
export function inspectUrl(url: string): { place: string; clean: (error: unknown) => string } {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new QueueError('the queue URL has to be postgres://user:password@host:port/database');
  }
  const { username, password, host, pathname, searchParams } = new URL(url);
  const secrets = [password, decodeURIComponent(password), searchParams.get('password') ?? ''];
  return {
    place: `postgres://${username && `${username}@`}${host}${pathname}`,
    clean(error) {
      const { message = '', code = '' } = error as { message?: string; code?: string };
      let text = message || code || String(error);
      for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '***');
      return text;
    },
  };
}
