// The file that says which MCP servers there are, in the form that agents and editors share:
// {"mcpServers": {"files": {"command": "...", "args": [...], "env": {...}, "cwd": "..."},
//                 "search": {"url": "https://...", "headers": {...}}}}.
// `${NAME}` in any of its texts is that environment variable, so that secrets need not stand in it.
// Fields that only other programs know are left alone.

import { z } from 'zod';

export type McpServerSpec =
  | {
      kind: 'stdio';
      command: string;
      args: string[];
      env: Record<string, string>;
      cwd: string | undefined;
    }
  | { kind: 'http'; url: string; headers: Record<string, string> };

export class McpConfigError extends Error {
  override name = 'McpConfigError';
}

const texts = z.record(z.string(), z.string());
const stdio = z.object({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: texts.default({}),
  cwd: z.string().min(1).optional(),
});
const http = z.object({ url: z.string().min(1), headers: texts.default({}) });
const entry = z.union([stdio, http], {
  error: 'must have a "command" (a program on this machine) or a "url" (Streamable HTTP)',
});
const file = z.object({
  mcpServers: z.record(
    z.string().min(1).max(64),
    entry.and(z.object({ disabled: z.boolean().optional() })),
  ),
});

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws McpConfigError naming the place */
export function parseMcpConfig(
  text: string,
  variables: Variables = process.env,
): Map<string, McpServerSpec> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new McpConfigError(`it is not JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) throw new McpConfigError(z.prettifyError(parsed.error));
  const servers = new Map<string, McpServerSpec>();
  for (const [name, { disabled, ...fields }] of Object.entries(parsed.data.mcpServers)) {
    if (disabled) continue;
    servers.set(
      name,
      specOf(fields, (value) => expand(value, { name, variables })),
    );
  }
  return servers;
}

function specOf(fields: z.infer<typeof entry>, expanded: (text: string) => string): McpServerSpec {
  const all = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, expanded(value)]));
  if ('url' in fields) {
    const url = expanded(fields.url);
    requireHttpUrl(url);
    return { kind: 'http', url, headers: all(fields.headers) };
  }
  return {
    kind: 'stdio',
    command: expanded(fields.command),
    args: fields.args.map(expanded),
    env: all(fields.env),
    cwd: fields.cwd === undefined ? undefined : expanded(fields.cwd),
  };
}

/** @throws McpConfigError */
export function requireHttpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new McpConfigError(`${JSON.stringify(text)} is no http:// or https:// URL`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new McpConfigError(
      `the URL of ${url.host} holds a password; give it as an Authorization header instead`,
    );
  }
  return url;
}

function expand(text: string, { name, variables }: { name: string; variables: Variables }): string {
  return text.replaceAll(/\$\{([A-Za-z_]\w*)\}/g, (_, variable: string) => {
    const value = variables[variable];
    if (value !== undefined) return value;
    throw new McpConfigError(
      `server ${JSON.stringify(name)} names the environment variable ${variable}, which is not set`,
    );
  });
}
