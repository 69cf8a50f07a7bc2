// A request to the model as code that runs as it is: curl, and the OpenAI SDKs for Python and
// TypeScript. The key is read from $HADAL_API_KEY and never written. Texts of the conversation stand
// in the code as JSON, which is a literal in both languages and, in a quoted here-document, in a shell.

import type { ChatRequest } from '../prompt.js';

export type CodeLanguage = 'curl' | 'python' | 'typescript';

export function requestCode(
  language: CodeLanguage,
  baseUrl: string,
  { basePath, body }: ChatRequest,
): string {
  const url = new URL(basePath, baseUrl).href;
  // No language takes half of a surrogate pair on its way to UTF-8.
  const whole = JSON.parse(JSON.stringify(body), (_, value: unknown) =>
    typeof value === 'string' ? Buffer.from(value).toString() : value,
  ) as ChatRequest['body'];
  return WRITERS[language](url, whole);
}

const WRITERS: Record<CodeLanguage, (url: string, body: ChatRequest['body']) => string> = {
  // In a here-document, since an argument of a command is limited to 128 KiB. No line of the text can
  // be its end: within JSON every line break of a text is escaped.
  curl: (url, body) => `curl --no-buffer ${shellQuoted(`${url}/chat/completions`)} \\
  --header 'Content-Type: application/json' \\
  --header "Authorization: Bearer $HADAL_API_KEY" \\
  --data-binary @- <<'END_OF_REQUEST'
${JSON.stringify(body, null, 2)}
END_OF_REQUEST
`,

  python: (url, { messages, tools, ...rest }) => `# pip install openai
import os

from openai import OpenAI

client = OpenAI(api_key=os.environ["HADAL_API_KEY"], base_url=${pythonLiteral(url)})

messages = ${pythonLiteral(messages)}
${tools ? `\ntools = ${pythonLiteral(tools)}\n` : ''}
stream = client.chat.completions.create(
${pythonArguments({ ...rest, hasTools: tools !== undefined })}
)
for chunk in stream:
    if not chunk.choices:
        continue
    delta = chunk.choices[0].delta
    # While the model thinks, the text is in reasoning_content.
    print(getattr(delta, "reasoning_content", None) or delta.content or "", end="", flush=True)
    for call in delta.tool_calls or []:
        print(call.function.name or "", call.function.arguments or "", end="", flush=True)
print()
`,

  typescript: (url, { messages, tools, ...rest }) => `// npm install openai
import OpenAI from 'openai';

const client = new OpenAI({
  apiKey: process.env['HADAL_API_KEY'],
  baseURL: ${scriptLiteral(url)},
});

const messages = ${scriptLiteral(messages)} as OpenAI.ChatCompletionMessageParam[];
${tools ? `\nconst tools = ${scriptLiteral(tools)} as OpenAI.ChatCompletionTool[];\n` : ''}
const stream = await client.chat.completions.create({
  messages,
${tools ? '  tools,\n' : ''}${Object.entries(rest)
    .map(([name, value]) => `  ${name}: ${scriptLiteral(value)},\n`)
    .join('')}});
for await (const chunk of stream) {
  // While the model thinks, the text is in reasoning_content.
  const delta = chunk.choices[0]?.delta as
    | (OpenAI.ChatCompletionChunk.Choice.Delta & { reasoning_content?: string | null })
    | undefined;
  process.stdout.write(delta?.reasoning_content || delta?.content || '');
  for (const call of delta?.tool_calls ?? []) {
    process.stdout.write(\`\${call.function?.name ?? ''} \${call.function?.arguments ?? ''}\`);
  }
}
process.stdout.write('\\n');
`,
};

/** Within single quotes a POSIX shell takes everything as it is but the single quote. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function pythonArguments({
  hasTools,
  ...rest
}: Omit<ChatRequest['body'], 'messages' | 'tools'> & { hasTools: boolean }): string {
  const { model, stream, ...others } = rest;
  const lines = [
    `model=${pythonLiteral(model)}`,
    'messages=messages',
    ...(hasTools ? ['tools=tools'] : []),
    ...Object.entries(others).map(([name, value]) => `${name}=${pythonLiteral(value)}`),
    `stream=${pythonLiteral(stream)}`,
  ];
  return lines.map((line) => `    ${line},`).join('\n');
}

/** JSON's strings and numbers are Python's; its three words are not. */
function pythonLiteral(value: unknown, indent = ''): string {
  const inner = `${indent}    `;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return asciiSafe(JSON.stringify(value));
  const entries = Array.isArray(value)
    ? value.map((entry) => pythonLiteral(entry, inner))
    : Object.entries(value).map(
        ([name, entry]) => `${asciiSafe(JSON.stringify(name))}: ${pythonLiteral(entry, inner)}`,
      );
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return open + close;
  return `${open}\n${entries.map((entry) => `${inner}${entry},\n`).join('')}${indent}${close}`;
}

function scriptLiteral(value: unknown): string {
  return asciiSafe(JSON.stringify(value, null, 2));
}

/** Signs that JSON leaves as they are and an editor may not show: the code shall say what it holds. */
function asciiSafe(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
