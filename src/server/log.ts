// Log lines to stderr: short text for people, one JSON object per line for machines. Callers pass
// ids and counts; never keys, prompts or replies.

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Record<string, string | number | boolean | undefined>;
export type Log = (level: Exclude<LogLevel, 'silent'>, message: string, fields?: LogFields) => void;

export interface LogOptions {
  level: LogLevel;
  format?: 'text' | 'json';
  write?: (line: string) => void;
  now?: () => Date;
}

export function createLog({
  level,
  format = 'text',
  write = (line) => process.stderr.write(line),
  now = () => new Date(),
}: LogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  return (lineLevel, message, fields = {}) => {
    if (LOG_LEVELS.indexOf(lineLevel) < threshold) return;
    const time = now().toISOString();
    write(
      format === 'json'
        ? `${JSON.stringify({ time, level: lineLevel, message, ...fields })}\n`
        : `${time.slice(11, 19)} ${lineLevel} ${message}${textFields(fields)}\n`,
    );
  };
}

/** JSON strings keep a line one line, whatever a path or an error message holds. */
function textFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const isPlain = typeof value !== 'string' || /^[\w./:-]+$/.test(value);
      return ` ${name}=${isPlain ? value : JSON.stringify(value)}`;
    })
    .join('');
}
