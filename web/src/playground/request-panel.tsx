// The request: where it goes, a form and an editor of one body, examples to begin with, and the same
// request as code.

import { BookOpen, FileCheck2, Link2, Play, Square, WandSparkles } from 'lucide';
import { useState } from 'preact/hooks';
import type { Catalog } from '../../../src/web/wire.js';
import { CodeBox } from '../console/parts/code-box.js';
import { language, texts } from '../i18n/language.js';
import { parseJsonText } from '../lib/json-problem.js';
import type { Endpoint } from '../lib/playground-endpoints.js';
import { curlCode, pythonCode, typescriptCode } from '../lib/request-code.js';
import { Button, IconButton } from '../ui/button.js';
import { Segmented } from '../ui/fields.js';
import { Notice } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toasts.js';
import { BodyEditor } from './body-editor.js';
import { BodyForm } from './body-form.js';
import { ContractExamples } from './contract-examples.js';
import { changeDraft, draftOf, linkOf, pathOf, pretty } from './draft.js';
import { shownExchange, startExchange } from './exchange.js';
import { PRESETS } from './presets.js';

const words = texts({
  en: {
    request: 'Request',
    view: 'View of the request',
    form: 'Form',
    editor: 'JSON',
    send: 'Send',
    stop: 'Stop',
    presets: 'Presets',
    examples: 'From the contract',
    format: 'Format the JSON',
    link: 'Copy a link that fills this form',
    linked: 'The link is copied. Opening it sends nothing.',
    docs: 'Documentation',
    base: 'Model',
    real: 'The loaded model',
    lab: (name: string) => `Lab: ${name}`,
    labNumber: 'Number of the scenario',
    brokenForm: 'The body is not JSON now; mend it in the editor.',
    noFields: 'This request has no body and no parameters.',
    id: 'Model id',
    copyFailed: 'The browser did not allow copying',
  },
  zh: {
    request: '请求',
    view: '请求视图',
    form: '表单',
    editor: 'JSON',
    send: '发送',
    stop: '停止',
    presets: '预设',
    examples: '契约示例',
    format: '格式化 JSON',
    link: '复制可填充此表单的链接',
    linked: '链接已复制，打开链接不会发送请求。',
    docs: '文档',
    base: '模型来源',
    real: '已加载的模型',
    lab: (name: string) => `实验室：${name}`,
    labNumber: '场景参数',
    brokenForm: '请求体目前不是合法的 JSON，请在编辑器中修正。',
    noFields: '此请求没有请求体与参数。',
    id: '模型 ID',
    copyFailed: '浏览器不允许复制',
  },
});

type View = 'form' | 'editor' | 'curl' | 'python' | 'typescript';

export function RequestPanel({
  endpoint,
  catalog,
}: {
  endpoint: Endpoint;
  catalog: Catalog | undefined;
}) {
  const [view, setView] = useState<View>('editor');
  const [showsExamples, setShowsExamples] = useState(false);
  const t = words();
  const draft = draftOf(endpoint);
  const hasBody = endpoint.method === 'POST';
  const parsed = hasBody ? parseJsonText(draft.body) : undefined;
  const path = pathOf(endpoint, draft);
  const running = shownExchange.value;
  void running?.version.value;
  const isRunning = running?.state === 'waiting' || running?.state === 'reading';
  const sendNow = () => {
    if (isRunning) return;
    startExchange({
      endpoint: endpoint.id,
      method: endpoint.method,
      path,
      body: hasBody ? draft.body : undefined,
    });
  };
  const setBody = (body: string) => changeDraft(endpoint, { body });
  const code = {
    method: endpoint.method,
    origin: location.origin,
    path,
    body: hasBody ? draft.body : undefined,
  };
  const copyLink = () =>
    void navigator.clipboard.writeText(linkOf(endpoint, draft)).then(
      () => toast(t.linked),
      () => toast(t.copyFailed),
    );
  return (
    <section class="play-panel" aria-label={t.request}>
      <div class="play-address">
        <span class={`play-method ${endpoint.method.toLowerCase()}`}>{endpoint.method}</span>
        <code class="grow truncate" title={path}>
          {path}
        </code>
        {isRunning ? (
          <Button icon={Square} onClick={running.abort}>
            {t.stop}
          </Button>
        ) : (
          <Button kind="primary" icon={Play} title="Ctrl Enter" onClick={sendNow}>
            {t.send}
          </Button>
        )}
      </div>
      <div class="console-bar">
        <Segmented
          label={t.view}
          value={view}
          options={[
            { value: 'editor', label: t.editor },
            { value: 'form', label: t.form },
            { value: 'curl', label: 'curl' },
            { value: 'python', label: 'Python' },
            { value: 'typescript', label: 'TypeScript' },
          ]}
          onValue={setView}
        />
      </div>
      <div class="console-bar">
        {catalog && catalog.lab.length > 0 && (
          <LabChoice
            names={catalog.lab}
            value={draft.lab}
            onValue={(lab) => changeDraft(endpoint, { lab })}
          />
        )}
        {endpoint.path.includes('{id}') && (
          <input
            class="input play-select"
            aria-label={t.id}
            value={draft.id}
            onInput={(event) => changeDraft(endpoint, { id: event.currentTarget.value })}
          />
        )}
        <div class="console-bar-end">
          {hasBody && (
            <IconButton
              icon={WandSparkles}
              label={t.format}
              size="small"
              disabled={!parsed || 'problem' in parsed}
              onClick={() => parsed && 'value' in parsed && setBody(pretty(parsed.value))}
            />
          )}
          <IconButton icon={Link2} label={t.link} size="small" onClick={copyLink} />
          <a
            class="icon-button small"
            href={`/docs/${endpoint.docs}`}
            title={t.docs}
            aria-label={t.docs}
          >
            <Icon node={BookOpen} />
          </a>
        </div>
      </div>
      {hasBody && (
        <div class="play-presets" role="group" aria-label={t.presets}>
          {PRESETS[endpoint.id]?.map(({ title, body }) => (
            <Button key={title.en} size="small" class="round" onClick={() => setBody(pretty(body))}>
              {title[language.value]}
            </Button>
          ))}
          <Button
            size="small"
            class="round"
            icon={FileCheck2}
            onClick={() => setShowsExamples(true)}
          >
            {t.examples}
          </Button>
        </div>
      )}
      {view === 'curl' && <CodeBox label="curl" code={curlCode(code)} />}
      {view === 'python' && <CodeBox label="Python" code={pythonCode(code)} />}
      {view === 'typescript' && <CodeBox label="TypeScript" code={typescriptCode(code)} />}
      {view === 'editor' &&
        (hasBody ? (
          <BodyEditor
            text={draft.body}
            problem={parsed && 'problem' in parsed ? parsed.problem : undefined}
            onText={setBody}
            onSend={sendNow}
          />
        ) : (
          <p class="soft small">{t.noFields}</p>
        ))}
      {view === 'form' &&
        (!parsed ? (
          <p class="soft small">{t.noFields}</p>
        ) : 'problem' in parsed ? (
          <Notice kind="warn">{t.brokenForm}</Notice>
        ) : (
          <BodyForm
            key={endpoint.id}
            parameters={endpoint.parameters}
            body={parsed.value}
            onBody={(body) => setBody(pretty(body))}
          />
        ))}
      {showsExamples && (
        <ContractExamples
          endpoint={endpoint}
          hasLab={(catalog?.lab.length ?? 0) > 0}
          onChoose={({ body, lab }) => changeDraft(endpoint, { body: pretty(body), lab })}
          onClose={() => setShowsExamples(false)}
        />
      )}
    </section>
  );
}

function LabChoice({
  names,
  value,
  onValue,
}: {
  names: readonly string[];
  value: string;
  onValue: (value: string) => void;
}) {
  const t = words();
  const [name = '', number = ''] = value.split(':');
  return (
    <>
      <select
        class="input play-select"
        aria-label={t.base}
        value={name}
        onChange={(event) => onValue(event.currentTarget.value)}
      >
        <option value="">{t.real}</option>
        {names.map((each) => (
          <option key={each} value={each}>
            {t.lab(each)}
          </option>
        ))}
      </select>
      {name !== '' && (
        <input
          class="input play-number"
          inputMode="numeric"
          aria-label={t.labNumber}
          placeholder="#"
          value={number}
          onInput={(event) => {
            const digits = event.currentTarget.value.replaceAll(/\D/g, '').slice(0, 7);
            onValue(digits === '' ? name : `${name}:${digits}`);
          }}
        />
      )}
    </>
  );
}
