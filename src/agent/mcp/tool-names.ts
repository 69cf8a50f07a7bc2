// Names under which the model knows tools of many servers: valid for the API, unique, and the same in
// every round, since the prompt's prefix depends on them.

const MAX_NAME = 64;

/** `server__tool` of each, in order. A name that is taken gets a number. */
export function modelToolNames(
  tools: readonly { server: string | null; name: string }[],
): string[] {
  const taken = new Set<string>();
  return tools.map(({ server, name }) => {
    const own = validName(name);
    const full = validName(server === null ? own : `${validName(server)}__${own}`);
    let unique = full;
    for (let count = 2; taken.has(unique); count++) {
      const suffix = `_${count}`;
      unique = full.slice(0, MAX_NAME - suffix.length) + suffix;
    }
    taken.add(unique);
    return unique;
  });
}

function validName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, MAX_NAME) || 'tool';
}
