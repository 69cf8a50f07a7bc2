// The formats of strict mode (api reference §6.3) as patterns. Each describes a subset of its format
// that every common validator accepts: a model that writes an address needs no exotic ones.

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `${OCTET}(?:\\.${OCTET}){3}`;
const HEX = '[0-9a-fA-F]{1,4}';
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?';
const NAME = '[a-z0-9_]{1,24}(?:[.+-][a-z0-9_]{1,24}){0,2}';

/** RFC 4291 §2.2: eight groups, or `::` for one run of zeros. */
const IPV6 = [
  `(?:${HEX}:){7}${HEX}`,
  ...[1, 2, 3, 4, 5, 6].map((groups) => `(?:${HEX}:){${groups}}(?::${HEX}){1,${7 - groups}}`),
  `:(?::${HEX}){1,7}`,
  `(?:${HEX}:){1,7}:`,
  '::',
].join('|');

const PATTERNS: Readonly<Record<string, string>> = {
  email: `${NAME}@(?:${LABEL}\\.){1,3}[a-z]{2,12}`,
  hostname: `${LABEL}(?:\\.${LABEL}){0,4}`,
  ipv4: IPV4,
  ipv6: IPV6,
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
};

/** An anchored pattern; undefined for a format that is not held to. */
export function formatPattern(format: string): string | undefined {
  return Object.hasOwn(PATTERNS, format) ? `^(?:${PATTERNS[format]})$` : undefined;
}
