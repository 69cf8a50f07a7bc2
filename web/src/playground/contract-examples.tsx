// Requests of the conformance kit for this endpoint, to be looked at and sent: each with the statement
// of the contract that it holds the server to, and the status it expects. Loaded when it is opened.

import { useState } from 'preact/hooks';
import { DIALECT_PATHS, SMALLEST_BODIES } from '../../../src/conformance/dialects.js';
import type { Requirement, Statement } from '../../../src/conformance/requirement.js';
import { texts } from '../i18n/language.js';
import type { Endpoint } from '../lib/playground-endpoints.js';
import { rankMatches } from '../lib/rank-matches.js';
import { Dialog } from '../ui/dialog.js';
import { Failure, Loading } from '../ui/feedback.js';
import { useLoad } from '../console/use-load.js';

const words = texts({
  en: {
    title: 'Examples from the contract',
    filter: 'Filter',
    text: 'Requests of the conformance kit that hold this endpoint to the platform. Choosing one fills the form; nothing is sent.',
    expects: (status: string) => `expects ${status}`,
    none: 'No example fits.',
  },
  zh: {
    title: '契约示例',
    filter: '筛选',
    text: '一致性测试套件中用于此接口的请求。选择后填入表单，不会自动发送。',
    expects: (status: string) => `期望 ${status}`,
    none: '没有符合的示例。',
  },
});

interface Example {
  requirement: Requirement;
  statements: string;
  body: object;
  status: string;
}

export interface ChosenExample {
  title: string;
  body: object;
  lab: string;
}

const FILES = import.meta.glob<{ default: unknown }>('../../../conformance/requirements/*.json');
const SECTIONS = () => import('../../../conformance/sections.json');

export interface ContractExamplesProps {
  endpoint: Endpoint;
  /** Whether the server has the lab: played examples need it. */
  hasLab: boolean;
  onChoose: (example: ChosenExample) => void;
  onClose: () => void;
}

export function ContractExamples({ endpoint, hasLab, onChoose, onClose }: ContractExamplesProps) {
  const [filter, setFilter] = useState('');
  const t = words();
  const { value, problem, reload } = useLoad(() => loadExamples(endpoint), [endpoint.id]);
  const shown = rankMatches(
    filter,
    (value ?? []).filter(({ requirement }) => hasLab || requirement.needs !== 'lab'),
    ({ requirement, statements }) => `${requirement.title} ${requirement.id} ${statements}`,
  );
  return (
    <Dialog title={t.title} onClose={onClose} wide>
      <div class="stack">
        <p class="soft small">{t.text}</p>
        <input
          class="input"
          type="search"
          aria-label={t.filter}
          placeholder={t.filter}
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
        {!value ? (
          problem ? (
            <Failure message={problem} onRetry={reload} />
          ) : (
            <Loading />
          )
        ) : shown.length === 0 ? (
          <p class="soft">{t.none}</p>
        ) : (
          <ul class="play-examples">
            {shown.map(({ requirement, statements, body, status }) => (
              <li key={requirement.id}>
                <button
                  type="button"
                  onClick={() => {
                    const lab = hasLab ? (requirement.scenario ?? '') : '';
                    onChoose({ title: requirement.title, body, lab });
                    onClose();
                  }}
                >
                  <span class="row spread">
                    <b>{requirement.title}</b>
                    <span class="badge">{t.expects(status)}</span>
                  </span>
                  <span class="soft small">{statements}</span>
                  <span class="faint small mono">{requirement.id}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}

async function loadExamples(endpoint: Endpoint): Promise<Example[]> {
  const [files, sections] = await Promise.all([
    Promise.all(Object.values(FILES).map((load) => load())),
    SECTIONS(),
  ]);
  const statements = new Map(
    (sections.default as Statement[]).map(({ id, statement }) => [id, statement]),
  );
  return files
    .flatMap((file) => file.default as Requirement[])
    .filter((requirement) => isFor(endpoint, requirement))
    .map((requirement) => {
      const { request, expect } = requirement.steps[0]!;
      const body = { ...SMALLEST_BODIES[requirement.dialect], ...request.with };
      for (const name of request.without ?? []) delete body[name];
      // A scenario says by itself when it ends.
      if (requirement.scenario !== undefined && endpoint.dialect !== 'anthropic') {
        if (request.with?.['max_tokens'] === undefined) delete body['max_tokens'];
      }
      return {
        requirement,
        body,
        statements: requirement.cites.map((id) => statements.get(id) ?? id).join(' '),
        status: [expect.status ?? 200].flat().join(' / '),
      };
    });
}

/** One request that needs no other key, no earlier step, and no text made while the kit runs. */
function isFor({ path, method, dialect }: Endpoint, requirement: Requirement): boolean {
  const [step, ...others] = requirement.steps;
  if (!step || others.length > 0 || requirement.dialect !== dialect) return false;
  const { request } = step;
  const sentPath = request.path ?? DIALECT_PATHS[dialect];
  return (
    sentPath === path &&
    (request.method ?? 'POST') === method &&
    (request.auth ?? 'key') === 'key' &&
    request.raw === undefined &&
    request.headers === undefined &&
    (requirement.needs === undefined || requirement.needs === 'lab') &&
    !/\{\{|"\$(?:text|repeat)"/.test(JSON.stringify(request.with ?? {}))
  );
}
