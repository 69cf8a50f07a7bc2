// The system's error codes in words for the person at the terminal.

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'part of the path is not a directory',
  ENOSPC: 'no space left on the device',
  EROFS: 'read-only file system',
};

/** Code of an error that a system call gave, such as ENOENT; null for any other error. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** What went wrong, in words; the error's own where there are none. */
export function systemReason(error: unknown): string {
  const reason = REASONS[systemCode(error) ?? ''];
  return reason ?? (error instanceof Error ? error.message : String(error));
}
