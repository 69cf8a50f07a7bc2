// Compare: one prompt, two models or modes side by side, with what each took. On a phone the sides are
// tabs.

import { ArrowLeftRight, ArrowUp, Square } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';
import { loadCatalog } from '../chat/catalog.js';
import { GrowingField } from '../chat/growing-field.js';
import { texts } from '../i18n/language.js';
import { Page } from '../shell/page.js';
import { Button, IconButton } from '../ui/button.js';
import { Failure, Loading } from '../ui/feedback.js';
import { Segmented } from '../ui/fields.js';
import '../chat/composer.css';
import { ComparePane } from './compare-pane.js';
import { comparison } from './comparison.js';
import { ResultTable } from './result-table.js';
import { sideName } from './side-name.js';
import './compare.css';

const words = texts({
  en: {
    title: 'Compare',
    swap: 'Swap sides',
    field: 'Prompt for both',
    placeholder: 'Ask both the same',
    send: 'Ask both',
    stop: 'Stop both',
    sides: 'Side',
  },
  zh: {
    title: '对比',
    swap: '左右互换',
    field: '同时发给两边的提示',
    placeholder: '向两边提同一个问题',
    send: '同时提问',
    stop: '全部停止',
    sides: '左右两侧',
  },
});

type Shown = 'left' | 'right';

export function ComparePage() {
  const [failure, setFailure] = useState<string>();
  const [shown, setShown] = useState<Shown>('left');
  const load = () => {
    setFailure(undefined);
    loadCatalog().then(
      ({ default_settings }) => comparison.value.begin(default_settings),
      (error: unknown) => setFailure(messageOf(error)),
    );
  };
  useEffect(load, []);
  const { left, right } = comparison.value;
  const isReady = left.settings.value !== null;
  const t = words();
  return (
    <Page
      title={t.title}
      actions={
        <Button
          size="small"
          icon={ArrowLeftRight}
          disabled={comparison.value.isBusy.value}
          onClick={() => comparison.value.swap()}
        >
          {t.swap}
        </Button>
      }
      fills
    >
      {failure !== undefined && <Failure message={failure} onRetry={load} />}
      {failure === undefined && !isReady && <Loading />}
      {isReady && (
        <div class="compare">
          <div class="compare-tabs">
            <Segmented
              label={t.sides}
              value={shown}
              options={[
                { value: 'left', label: sideName(left.settings.value!) },
                { value: 'right', label: sideName(right.settings.value!) },
              ]}
              onValue={setShown}
            />
          </div>
          <div class={`compare-panes show-${shown}`}>
            <ComparePane side={left} name={sideName(left.settings.value!)} />
            <ComparePane side={right} name={sideName(right.settings.value!)} />
          </div>
          <ResultTable />
          <Prompt />
        </div>
      )}
    </Page>
  );
}

function Prompt() {
  const field = useRef<HTMLTextAreaElement>(null);
  const { prompt, isBusy } = comparison.value;
  const t = words();
  return (
    <div class="compare-prompt composer-box">
      <GrowingField
        fieldRef={field}
        label={t.field}
        placeholder={t.placeholder}
        value={prompt.value}
        onValue={(value) => (prompt.value = value)}
        onSend={() => comparison.value.ask()}
      />
      {isBusy.value ? (
        <IconButton
          icon={Square}
          class="composer-send stop"
          label={t.stop}
          onClick={() => comparison.value.stop()}
        />
      ) : (
        <IconButton
          icon={ArrowUp}
          class="composer-send"
          label={t.send}
          disabled={prompt.value.trim() === ''}
          onClick={() => comparison.value.ask()}
        />
      )}
    </div>
  );
}
