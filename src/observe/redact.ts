// Takes secrets out of text that leaves the process for people to read: log lines, error messages,
// the status page. Contract: never throws, linear time, and rather redacts too much than too little.
// It knows shapes of secrets, not the secrets; what has no shape is protected by its name only.

export const REDACTED = '[redacted]';

/** Text beyond this is cut before it is searched, so that a hostile message costs a bounded time. */
const MAX_LENGTH = 16_384;

/** Names after which a value is a secret, as they stand inside a text. */
const SECRET_NAME =
  '(?:api[-_ ]?keys?|authorization|pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|' +
  'cookie|private[-_ ]?key|access[-_ ]?key|signing[-_ ]?key|encryption[-_ ]?key|master[-_ ]?key|' +
  'signature|session[-_ ]?id|bearer)';

/**
 * Quoted, quoted inside a JSON text (`\"`), or up to the next blank. Each alternative that begins
 * also ends, at the latest with the text: a half-written value must not slip through.
 */
const VALUE = [
  String.raw`"(?:[^"\\]|\\[^])*(?:"|\\?$)`,
  String.raw`\\+"[^]*?(?:\\+"(?=\s*[,}\]])|$)`,
  String.raw`'[^']*(?:'|$)`,
  String.raw`[^\s"']+`,
].join('|');

/**
 * What to look for: group 1 is kept, the rest of the match is the secret. Rules look at the original
 * text, each for itself, so that what one finds cannot hide the name another needs.
 */
const RULES: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}-----|$)/g,
  // Headers whose value has blanks: everything up to the end of the line or the closing quote.
  /((?:authorization|cookie)\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?)[^\r\n"']+/gi,
  /(\b(?:bearer|basic)\s{1,8})[^\s"',;]+/gi,
  // user:password@ in a URL; the password may hold unescaped delimiters, so up to the last @.
  /(:\/\/)[^\s/?#@:]{0,256}:[^\s"'<>]{0,1024}(?=@)/g,
  /(:\/\/)[^\s/?#@:"'<>]{1,1024}(?=@)/g,
  // Keys that say by their first letters what they are.
  /(?<![A-Za-z0-9])([sprh]k[-_])[A-Za-z0-9_-]{8,}/g,
  /(?<![A-Za-z0-9])()(?:gh[opsur]_|github_pat_|hf_|xox[a-z]-|glpat-)[A-Za-z0-9_-]{12,}/g,
  /(?<![A-Za-z0-9])()(?:AKIA|ASIA|AIza)[A-Za-z0-9_-]{12,}/g,
  /(?<![A-Za-z0-9])()eyJ[\w-]{8,}(?:\.[\w-]+){1,4}/g,
  new RegExp(String.raw`(${SECRET_NAME}\\*["']?\s{0,4}[:=]\s{0,4})(?:${VALUE})`, 'gi'),
  // "key 0f3a…", "token is 0f3a…": a long hex or base64 word close behind a name.
  /((?:key|token|secret|password|signature|credential)s?[^A-Za-z0-9]{1,4}(?:is\s|was\s)?["']?)(?:[0-9a-f]{16,}|[A-Za-z0-9+/_-]{32,}={0,2})/gi,
];

/** What every rule needs to find something; most texts have none of it and are done with one look. */
const HINT =
  /key|auth|pass|pwd|secret|token|credential|cookie|signature|session|bearer|basic|:\/\/|[sprh]k[-_]|gh[opsur]_|github_pat|hf_|xox|glpat|AKIA|ASIA|AIza|eyJ|-BEGIN/i;

/** The text without what looks like a secret, and not longer than 16 KiB. */
export function redact(text: string): string {
  const short = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  if (!HINT.test(short)) return short;
  let result = '';
  let position = 0;
  for (const [start, end] of secretRanges(short)) {
    if (end <= position) continue;
    // Ranges that touch or overlap the last one are the same secret.
    if (start > position || position === 0) result += short.slice(position, start) + REDACTED;
    position = end;
  }
  return result + short.slice(position);
}

/** By their start. A value is searched for names again: it may be the name of what follows. */
function secretRanges(text: string): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  for (const rule of RULES) {
    rule.lastIndex = 0;
    for (let match = rule.exec(text); match; match = rule.exec(text)) {
      const start = match.index + match[1]!.length;
      ranges.push([start, rule.lastIndex]);
      rule.lastIndex = Math.max(start, match.index + 1);
    }
  }
  return ranges.toSorted(([a], [b]) => a - b);
}

const SECRET_FIELD =
  /authorization|cookie|password|passwd|passphrase|^pwd$|secret|credential|signature|bearer|(?:^|access|refresh|auth|api|id|session)token$|keys?$/;

/** Field names come from our own code, so there are few; the bound is for the day one does not. */
const fieldAnswers = new Map<string, boolean>();
const MAX_FIELD_ANSWERS = 500;

/** Whether a field's value is a secret whatever it looks like. `keyId` and `maxTokens` are not. */
export function isSecretField(name: string): boolean {
  const known = fieldAnswers.get(name);
  if (known !== undefined) return known;
  const answer = SECRET_FIELD.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  if (fieldAnswers.size < MAX_FIELD_ANSWERS) fieldAnswers.set(name, answer);
  return answer;
}
