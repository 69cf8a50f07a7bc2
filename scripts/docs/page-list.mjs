// Which documents are pages of /docs, in which section and order. A page's Chinese text lies beside
// the English one as `<name>.zh-CN.md`; `isEnglishOnly` names those that have none. `isUnlisted` pages
// are read through another one: found by links and search, not in the navigation.

import { readdirSync } from 'node:fs';

const guide = (slug) => ({ slug, source: `docs/guide/${slug}.md` });
const reference = (slug) => ({ slug, source: `docs/${slug}.md` });
const client = (slug) => ({ slug: `clients/${slug}`, source: `docs/clients/${slug}.md` });
const englishOnly = (slug, source) => ({ slug, source, isEnglishOnly: true });

export function sectionsOf(root) {
  return [
    {
      id: 'start',
      title: { en: 'Start', zh: '入门' },
      pages: ['quick-start', 'models-and-prices', 'the-chat', 'the-console', 'faq'].map(guide),
    },
    {
      id: 'guide',
      title: { en: 'Guide', zh: '指南' },
      pages: [
        'thinking-mode',
        'tool-calls',
        'json-output',
        'prefix',
        'fim',
        'caching',
        'parameters',
        'token-usage',
        'limits',
        'error-codes',
        'anthropic',
      ].map(guide),
    },
    {
      id: 'clients',
      title: { en: 'Clients', zh: '客户端' },
      pages: [
        guide('clients'),
        { slug: 'clients/overview', source: 'docs/clients/README.md', isUnlisted: true },
        ...['openai-sdk', 'anthropic-sdk', 'ai-sdk', 'langchain'].map(client),
        ...['claude-code', 'opencode', 'cline', 'codex'].map(client),
      ],
    },
    {
      id: 'reference',
      title: { en: 'Reference', zh: '参考' },
      pages: ['api', 'web-api', 'profiles', 'lab', 'cli', 'conformance'].map(reference),
    },
    {
      id: 'operation',
      title: { en: 'Operation', zh: '运维' },
      pages: ['accounts', 'models', 'upstream', 'observability', 'inspect', 'synth'].map(reference),
    },
    {
      id: 'inside',
      title: { en: 'Inside', zh: '内部' },
      pages: [
        englishOnly('architecture', 'docs/architecture.md'),
        englishOnly('benchmarks', 'docs/benchmarks.md'),
        englishOnly('sources', 'docs/sources.md'),
        englishOnly('decisions/overview', 'docs/decisions/README.md'),
        ...decisions(root),
        englishOnly('changelog', 'CHANGELOG.md'),
      ],
    },
  ];
}

function decisions(root) {
  return readdirSync(`${root}/docs/decisions`)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .toSorted()
    .map((name) => ({
      ...englishOnly(`decisions/${name.slice(0, -'.md'.length)}`, `docs/decisions/${name}`),
      isUnlisted: true,
    }));
}
