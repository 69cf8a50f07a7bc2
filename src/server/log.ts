// Log lines to stderr: short text for people, one JSON object per line (pino) for machines. Callers
// pass ids and counts; never keys, prompts or replies. What slips through all the same, in an error
// message or a path, is redacted, and control characters are escaped: one record is one line.

import pino from 'pino';
import { isSecretField, redact, REDACTED } from '../observe/redact.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
/** Errors are written with their causes; as text without, as JSON with the stack. */
export type LogFields = Record<string, string | number | boolean | undefined | Error>;
export type Log = (level: Exclude<LogLevel, 'silent'>, message: string, fields?: LogFields) => void;

export interface LogOptions {
  level: LogLevel;
  format?: 'text' | 'json';
  /** Default: to stderr, at once (a crash loses no line). */
  write?: (line: string) => void;
  now?: () => Date;
}

type Scalar = string | number | boolean;

interface ErrorRecord {
  name: string;
  message: string;
  code?: string;
  stack?: string;
  causes?: ErrorRecord[];
}

export function createLog({ level, format = 'text', write, now }: LogOptions): Log {
  const clock = now ?? (() => new Date());
  return format === 'json'
    ? jsonLog(level, write ?? stderrWriter(), clock)
    : textLog(level, write ?? ((line) => process.stderr.write(line)), clock);
}

function stderrWriter(): (line: string) => void {
  const destination = pino.destination({ dest: 2, sync: true });
  return (line) => {
    destination.write(line);
  };
}

function jsonLog(level: LogLevel, write: (line: string) => void, now: () => Date): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      // Errors come as plain records already; pino's own serializer would add what we left out.
      serializers: {},
    },
    { write: (line: string) => write(`${escapeControls(line.trimEnd())}\n`) },
  );
  return (lineLevel, message, fields = {}) => {
    if (!logger.isLevelEnabled(lineLevel)) return;
    const record: Record<string, Scalar | ErrorRecord> = {};
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      record[freeName(name)] = isSecretField(name)
        ? REDACTED
        : value instanceof Error
          ? errorRecord(value)
          : redactScalar(value);
    }
    logger[lineLevel](record, redact(message));
  };
}

/** `time`, `level` and `message` belong to the line itself. */
function freeName(name: string): string {
  return name === 'time' || name === 'level' || name === 'message' ? `${name}_` : name;
}

function textLog(level: LogLevel, write: (line: string) => void, now: () => Date): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  return (lineLevel, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(lineLevel) < threshold) return;
    const time = now().toISOString().slice(11, 19);
    const line = `${time} ${lineLevel} ${redact(message)}${textFields(fields)}`;
    write(`${escapeControls(line)}\n`);
  };
}

function textFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${textValue(name, value!)}`)
    .join('');
}

function textValue(name: string, value: Scalar | Error): string {
  if (isSecretField(name)) return REDACTED;
  const scalar = value instanceof Error ? errorText(value) : redactScalar(value);
  const isPlain = typeof scalar !== 'string' || /^[\w./:-]+$/.test(scalar);
  return isPlain ? String(scalar) : JSON.stringify(scalar);
}

function redactScalar(value: Scalar): Scalar {
  return typeof value === 'string' ? redact(value) : value;
}

/** Of one error, in all; causes may be a tree, or a cycle. */
const MAX_CAUSES = 8;

/** The `cause` of an error, and the `errors` of an AggregateError. */
function causesOf(error: Error): Error[] {
  const many: unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error.cause, ...many].filter((each): each is Error => each instanceof Error);
}

function errorRecord(error: Error, budget = { causes: MAX_CAUSES }): ErrorRecord {
  const { code } = error as NodeJS.ErrnoException;
  const causes: ErrorRecord[] = [];
  for (const cause of causesOf(error)) {
    if (budget.causes === 0) break;
    budget.causes -= 1;
    causes.push(errorRecord(cause, budget));
  }
  return {
    name: redact(String(error.name)),
    message: redact(String(error.message)),
    ...(code !== undefined && { code: redact(String(code)) }),
    ...(typeof error.stack === 'string' && { stack: redact(error.stack) }),
    ...(causes.length > 0 && { causes }),
  };
}

/** `outer: inner: innermost` */
function errorText(error: Error): string {
  const messages: string[] = [];
  let current: Error | undefined = error;
  while (current && messages.length <= MAX_CAUSES) {
    messages.push(redact(String(current.message)));
    current = causesOf(current)[0];
  }
  return messages.join(': ');
}

/**
 * C0, DEL, C1 (the 8-bit escape sequences of terminals), line separators, and the marks that turn
 * the direction of writing, as `\uXXXX`: valid inside JSON strings, harmless on a terminal.
 */
function escapeControls(line: string): string {
  if (!/[^ -~]/.test(line)) return line; // plain ASCII, as nearly every line is
  return line.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
