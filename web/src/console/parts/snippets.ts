// Code to begin with, for the address at which this page was opened.

export function curlFor(origin: string, key = '$HADAL_API_KEY'): string {
  return `curl ${origin}/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H 'Content-Type: application/json' \\
  -d '{
    "model": "deepseek-chat",
    "messages": [{"role": "user", "content": "Hello!"}]
  }'`;
}

export function pythonFor(origin: string): string {
  return `# pip install openai
import os
from openai import OpenAI

client = OpenAI(api_key=os.environ["HADAL_API_KEY"], base_url="${origin}")
reply = client.chat.completions.create(
    model="deepseek-reasoner",
    messages=[{"role": "user", "content": "Hello!"}],
)
message = reply.choices[0].message
print(message.reasoning_content)
print(message.content)`;
}

export function typescriptFor(origin: string): string {
  return `// npm install openai
import OpenAI from 'openai';

const client = new OpenAI({ apiKey: process.env.HADAL_API_KEY, baseURL: '${origin}' });
const stream = await client.chat.completions.create({
  model: 'deepseek-chat',
  messages: [{ role: 'user', content: 'Hello!' }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');`;
}

/** As docs/clients/claude-code.md has it. */
export function claudeCodeFor(origin: string): string {
  return `export ANTHROPIC_BASE_URL=${origin}/anthropic
export ANTHROPIC_AUTH_TOKEN="$HADAL_API_KEY"
export ANTHROPIC_MODEL=deepseek-chat
export ANTHROPIC_DEFAULT_OPUS_MODEL=deepseek-chat
export ANTHROPIC_DEFAULT_SONNET_MODEL=deepseek-chat
export ANTHROPIC_DEFAULT_HAIKU_MODEL=deepseek-chat
export API_TIMEOUT_MS=600000
export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
claude`;
}
