// Calls of the server: our header on every request, which makes the session's cookie count, and
// failures as errors with the server's own words.

import { texts } from '../i18n/language.js';
import { sessionEnded } from './session-ended.js';

export class ApiFailure extends Error {
  override name = 'ApiFailure';
  constructor(
    /** 0 = the server was not reached. */
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const words = texts({
  en: {
    unreachable: 'The server cannot be reached. Is it still running?',
    status: (status: number) => `The server answered ${status} without a reason.`,
  },
  zh: {
    unreachable: '无法连接服务器，它还在运行吗？',
    status: (status: number) => `服务器返回 ${status}，未说明原因。`,
  },
});

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** The raw response, whatever its status. @throws ApiFailure when the server was not reached. */
export async function send(path: string, options: CallOptions = {}): Promise<Response> {
  const { method = 'GET', body, signal, headers } = options;
  try {
    return await fetch(path, {
      method,
      headers: {
        'x-hadal-web': '1',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiFailure(0, words().unreachable, { cause });
  }
}

/** @throws ApiFailure */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(path, options);
  if (!response.ok) throw await failureOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export async function failureOf(response: Response): Promise<ApiFailure> {
  if (response.status === 401) sessionEnded();
  const text = await response.text().catch(() => '');
  return new ApiFailure(response.status, messageIn(text) ?? words().status(response.status));
}

function messageIn(text: string): string | undefined {
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown } };
    return typeof body.error?.message === 'string' ? body.error.message : undefined;
  } catch {
    return text === '' || text.startsWith('<') ? undefined : text.slice(0, 300);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
