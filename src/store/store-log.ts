// What the store has to say while it runs. The server's log fits; the default says nothing.

export type StoreLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, string | number | boolean | undefined>,
) => void;

export const SILENT: StoreLog = () => {};
