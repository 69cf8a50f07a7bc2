// The usage records of a database, read past the store: what a test compares the store's word with.

import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import postgres from 'postgres';

export interface StoredUsage {
  requestId: string;
  finishReason: string;
  promptTokens: number;
  completionTokens: number;
}

const QUERY = `
  SELECT request_id, finish_reason, prompt_tokens, completion_tokens
  FROM usage_records ORDER BY request_id`;

export async function storedUsage(databaseUrl: string): Promise<StoredUsage[]> {
  const rows = databaseUrl.startsWith('postgres')
    ? await fromPostgres(databaseUrl)
    : fromLibsql(databaseUrl);
  return rows.map((row) => ({
    requestId: String(row['request_id']),
    finishReason: String(row['finish_reason']),
    promptTokens: Number(row['prompt_tokens']),
    completionTokens: Number(row['completion_tokens']),
  }));
}

function fromLibsql(url: string): readonly Record<string, unknown>[] {
  const database = new Database(fileURLToPath(url));
  try {
    return database.prepare(QUERY).all() as Record<string, unknown>[];
  } finally {
    database.close();
  }
}

async function fromPostgres(url: string): Promise<readonly Record<string, unknown>[]> {
  const client = postgres(url, { max: 1 });
  try {
    return await client.unsafe(QUERY);
  } finally {
    await client.end();
  }
}
