// A request of the playground as code that sends it again: curl, Python and TypeScript. The official
// SDKs where they have the endpoint, plain HTTP elsewhere. The key comes from the environment.

export interface CodeRequest {
  method: 'GET' | 'POST';
  /** With scheme and host. */
  origin: string;
  /** With the lab's prefix, if any. */
  path: string;
  /** JSON text; undefined for GET. */
  body: string | undefined;
}

/** Fields that the OpenAI SDKs do not know: they travel beside the typed ones. */
const EXTRA = ['thinking', 'user_id'];

interface Sdk {
  package: 'openai' | 'anthropic';
  /** What the SDK appends to its base URL. */
  suffix: string;
  call: string;
}

const SDKS: readonly Sdk[] = [
  { package: 'anthropic', suffix: '/v1/messages', call: 'messages.create' },
  { package: 'openai', suffix: '/chat/completions', call: 'chat.completions.create' },
  { package: 'openai', suffix: '/responses', call: 'responses.create' },
  { package: 'openai', suffix: '/completions', call: 'completions.create' },
];

export function curlCode({ method, origin, path, body }: CodeRequest): string {
  const lines = [`curl ${shell(origin + path)}`, `-H "Authorization: Bearer $HADAL_API_KEY"`];
  if (method === 'POST')
    lines.push("-H 'Content-Type: application/json'", `-d ${shell(body ?? '')}`);
  return lines.join(' \\\n  ');
}

export function pythonCode(request: CodeRequest): string {
  const sdk = sdkOf(request);
  const body = objectOf(request.body);
  if (!sdk || !body) return pythonHttp(request, body);
  const base = request.origin + request.path.slice(0, -sdk.suffix.length);
  const extra = sdk.package === 'openai' ? EXTRA.filter((name) => name in body) : [];
  const known = Object.entries(body).filter(([name]) => !extra.includes(name));
  const fields = known.map(([name, value]) => `    ${name}=${python(value, 4)},`);
  if (extra.length > 0) {
    const beside = Object.fromEntries(extra.map((name) => [name, body[name]]));
    fields.push(`    extra_body=${python(beside, 4)},`);
  }
  const client = sdk.package === 'openai' ? 'OpenAI' : 'Anthropic';
  const key = sdk.package === 'openai' ? 'api_key' : 'auth_token';
  const shown = body['stream'] === true ? 'for event in reply:\n    print(event)' : 'print(reply)';
  return `# pip install ${sdk.package}
import os
from ${sdk.package} import ${client}

client = ${client}(${key}=os.environ["HADAL_API_KEY"], base_url=${python(base, 0)})
reply = client.${sdk.call}(
${fields.join('\n')}
)
${shown}`;
}

export function typescriptCode(request: CodeRequest): string {
  const { method, origin, path } = request;
  const body = objectOf(request.body);
  const isStream = body?.['stream'] === true;
  const sent =
    request.body === undefined ? '' : `\n  body: JSON.stringify(${indented(request.body)}),`;
  const type = method === 'POST' ? "\n    'Content-Type': 'application/json'," : '';
  const shown = isStream
    ? `const text = response.body!.pipeThrough(new TextDecoderStream());
for await (const piece of text) process.stdout.write(piece);`
    : 'console.log(await response.json());';
  return `const response = await fetch('${origin}${path}', {
  method: '${method}',
  headers: {
    Authorization: \`Bearer \${process.env.HADAL_API_KEY}\`,${type}
  },${sent}
});
if (!response.ok) throw new Error(\`\${response.status} \${await response.text()}\`);
${shown}`;
}

function pythonHttp({ method, origin, path, body }: CodeRequest, parsed: object | undefined) {
  const sent =
    body === undefined
      ? ''
      : parsed
        ? `\n    json=${python(parsed, 4)},`
        : `\n    content=${python(body, 4)},`;
  return `# pip install httpx
import os
import httpx

response = httpx.request(
    "${method}",
    ${python(origin + path, 4)},
    headers={"Authorization": f"Bearer {os.environ['HADAL_API_KEY']}"},${sent}
    timeout=600,
)
print(response.status_code, response.text)`;
}

function sdkOf({ method, path }: CodeRequest): Sdk | undefined {
  if (method !== 'POST') return undefined;
  return SDKS.find(
    ({ suffix, package: name }) =>
      path.endsWith(suffix) && path.includes('/anthropic/') === (name === 'anthropic'),
  );
}

function objectOf(body: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined; // not JSON: it is sent, and shown, as it is
  }
}

/** A value as Python writes it. */
function python(value: unknown, indent: number): string {
  const inner = ' '.repeat(indent + 4);
  const end = ' '.repeat(indent);
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${inner}${python(item, indent + 4)},\n`).join('')}${end}]`;
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    const lines = entries.map(
      ([key, item]) => `${inner}${JSON.stringify(key)}: ${python(item, indent + 4)},\n`,
    );
    return `{\n${lines.join('')}${end}}`;
  }
  // JSON's escapes are Python's too, but for the pair of surrogates, which stringify leaves as it is.
  return JSON.stringify(value);
}

/** One argument of a POSIX shell, whatever is in it. */
function shell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** JSON is TypeScript; a body that is no JSON is a text. */
function indented(body: string): string {
  const value = objectOf(body);
  return value ? JSON.stringify(value, null, 2).replaceAll('\n', '\n  ') : JSON.stringify(body);
}
