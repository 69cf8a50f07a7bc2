// How to use the server from elsewhere: its addresses and code to begin with, at the address at which
// this page was opened.

import { useState } from 'preact/hooks';
import { texts } from '../../i18n/language.js';
import { CopyButton } from '../../ui/copy-button.js';
import { Segmented } from '../../ui/fields.js';
import { CodeBox } from '../parts/code-box.js';
import { claudeCodeFor, curlFor, pythonFor, typescriptFor } from '../parts/snippets.js';

const words = texts({
  en: {
    title: 'Use it',
    urls: 'Base URLs',
    openai: 'OpenAI style',
    beta: 'Beta: prefix, FIM',
    speciale: 'Speciale',
    anthropic: 'Anthropic style',
    copyUrl: (name: string) => `Copy the base URL, ${name}`,
    code: 'Set up',
    codeHint: 'HADAL_API_KEY holds a key; the operator makes keys on the page of keys.',
    more: 'More in the docs:',
    links: {
      quickStart: 'Quick start',
      clients: 'Clients',
      parameters: 'Parameters',
      errors: 'Error codes',
      prices: 'Models and prices',
    },
  },
  zh: {
    title: '开始使用',
    urls: '接口地址',
    openai: 'OpenAI 风格',
    beta: 'Beta：前缀续写、FIM',
    speciale: 'Speciale',
    anthropic: 'Anthropic 风格',
    copyUrl: (name: string) => `复制接口地址，${name}`,
    code: '接入示例',
    codeHint: 'HADAL_API_KEY 为您的密钥；管理员可在密钥页面创建密钥。',
    more: '更多文档：',
    links: {
      quickStart: '快速开始',
      clients: '客户端',
      parameters: '参数',
      errors: '错误码',
      prices: '模型与价格',
    },
  },
});

const SNIPPETS = {
  curl: { label: 'curl', make: (origin: string) => curlFor(origin) },
  python: { label: 'Python', make: pythonFor },
  typescript: { label: 'TypeScript', make: typescriptFor },
  claude: { label: 'Claude Code', make: claudeCodeFor },
} as const;

export function SetUp() {
  const [shown, setShown] = useState<keyof typeof SNIPPETS>('curl');
  const t = words();
  const { origin } = location;
  const urls = [
    [t.openai, origin],
    [t.beta, `${origin}/beta`],
    [t.speciale, `${origin}/speciale`],
    [t.anthropic, `${origin}/anthropic`],
  ] as const;
  const links = [
    ['/docs/quick-start', t.links.quickStart],
    ['/docs/clients', t.links.clients],
    ['/docs/parameters', t.links.parameters],
    ['/docs/error-codes', t.links.errors],
    ['/docs/models-and-prices', t.links.prices],
  ] as const;
  return (
    <section class="console-section">
      <h2>{t.title}</h2>
      <div class="overview-pair">
        <div class="card overview-urls">
          <h3>{t.urls}</h3>
          <dl>
            {urls.map(([name, url]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <code class="truncate grow" title={url}>
                    {url}
                  </code>
                  <CopyButton text={() => url} label={t.copyUrl(name)} />
                </dd>
              </div>
            ))}
          </dl>
          <p class="soft small">{t.more}</p>
          <p class="row wrap small">
            {links.map(([href, label]) => (
              <a key={href} href={href}>
                {label}
              </a>
            ))}
          </p>
        </div>
        <div class="overview-code">
          <CodeBox
            label={SNIPPETS[shown].label}
            code={SNIPPETS[shown].make(origin)}
            heading={
              <Segmented
                label={t.code}
                value={shown}
                options={Object.entries(SNIPPETS).map(([value, { label }]) => ({
                  value: value as keyof typeof SNIPPETS,
                  label,
                }))}
                onValue={setShown}
              />
            }
          />
          <p class="soft small">{t.codeHint}</p>
        </div>
      </div>
    </section>
  );
}
