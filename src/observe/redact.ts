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

type Rule = readonly [pattern: RegExp, replacement: string];

const RULES: readonly Rule[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}-----|$)/g, REDACTED],
  // Headers whose value has blanks: everything up to the end of the line or the closing quote.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)(\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?)[^\r\n"']+/gi,
    `$1$2${REDACTED}`,
  ],
  [/\b(bearer|basic)\s{1,8}[^\s"',;]+/gi, `$1 ${REDACTED}`],
  // user:password@ in a URL; the password may hold unescaped delimiters, so up to the last @.
  [/:\/\/[^\s/?#@:]{0,256}:[^\s"'<>]{0,1024}@/g, `://${REDACTED}@`],
  [/:\/\/[^\s/?#@:"'<>]{1,1024}@/g, `://${REDACTED}@`],
  // Keys that say by their first letters what they are.
  [/(?<![A-Za-z0-9])(sk|pk|rk|hk)([-_])[A-Za-z0-9_-]{8,}/g, `$1$2${REDACTED}`],
  [/(?<![A-Za-z0-9])(?:gh[opsur]_|github_pat_|hf_|xox[a-z]-|glpat-)[A-Za-z0-9_-]{12,}/g, REDACTED],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA|AIza)[A-Za-z0-9_-]{12,}/g, REDACTED],
  [/(?<![A-Za-z0-9])eyJ[\w-]{8,}(?:\.[\w-]+){1,4}/g, REDACTED],
];

const NAMED_VALUE = new RegExp(
  String.raw`(${SECRET_NAME}\\*["']?\s{0,4}[:=]\s{0,4})(?:${VALUE})`,
  'gi',
);
/** "key 0f3a…", "token is 0f3a…": a long hex or base64 word close behind a name. */
const NAMED_WORD =
  /\b((?:key|token|secret|password|signature|credential)s?\b[^A-Za-z0-9]{1,4}(?:is\s|was\s)?["']?)(?:[0-9a-f]{16,}|[A-Za-z0-9+/_-]{32,}={0,2})/gi;

/** What every rule needs to find something; most texts have none of it and are done with one look. */
const HINT =
  /key|auth|pass|pwd|secret|token|credential|cookie|signature|session|bearer|basic|:\/\/|[sprh]k[-_]|gh[opsur]_|github_pat|hf_|xox|glpat|AKIA|ASIA|AIza|eyJ|-BEGIN/i;

/** The text without what looks like a secret, and not longer than 16 KiB. */
export function redact(text: string): string {
  let result = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  if (!HINT.test(result)) return result;
  for (const [pattern, replacement] of RULES) result = result.replace(pattern, replacement);
  return result.replace(NAMED_VALUE, `$1${REDACTED}`).replace(NAMED_WORD, `$1${REDACTED}`);
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
