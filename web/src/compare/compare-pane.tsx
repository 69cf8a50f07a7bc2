// One side of a comparison: what answers, the answer as it comes, and what to do with it.

import { Brain, MessageSquareShare, SlidersHorizontal } from 'lucide';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';
import { ModelPicker } from '../chat/model-choice.js';
import { SettingsDialog } from '../chat/settings-dialog.js';
import { markdownOf, TurnView } from '../chat/turn-view.js';
import { useFollowEnd } from '../chat/use-follow-end.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { CopyButton } from '../ui/copy-button.js';
import { Notice } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toasts.js';
import type { Side } from './comparison.js';

const words = texts({
  en: {
    thinking: 'Thinking',
    settings: 'Settings of this side',
    empty: 'The answer comes here.',
    copy: 'Copy as Markdown',
    go: 'Continue in the chat',
    lab: (name: string) => `lab: ${name}`,
  },
  zh: {
    thinking: '思考',
    settings: '此侧的设置',
    empty: '回答会出现在这里。',
    copy: '复制为 Markdown',
    go: '在对话中继续',
    lab: (name: string) => `实验室：${name}`,
  },
});

export function ComparePane({ side, name }: { side: Side; name: string }) {
  const settings = side.settings.value!;
  const run = side.run.value;
  const { scroller, content } = useFollowEnd(run);
  const t = words();
  return (
    <section class="card compare-pane" aria-label={name}>
      <PaneHead side={side} />
      <div class="compare-scroll" ref={scroller}>
        <div class="compare-answer" ref={content} aria-busy={side.isBusy.value}>
          {settings.lab !== null && <span class="badge warn">{t.lab(settings.lab)}</span>}
          {side.problem.value !== null && <Notice kind="bad">{side.problem.value}</Notice>}
          {run ? (
            <TurnView
              turn={run.turn}
              run={run}
              onAnswerNow={side.answerNow}
              onDecide={side.decide}
            />
          ) : (
            side.problem.value === null && <p class="faint compare-empty">{t.empty}</p>
          )}
        </div>
      </div>
      {run?.isDrawnToEnd.value && <PaneFoot side={side} />}
    </section>
  );
}

function PaneHead({ side }: { side: Side }) {
  const [isOpen, setOpen] = useState(false);
  const settings = side.settings.value!;
  const isSpeciale = settings.model === 'speciale';
  const t = words();
  return (
    <header class="compare-head">
      <ModelPicker value={settings.model} onValue={(model) => side.change({ model })} below />
      <button
        type="button"
        class="composer-pill"
        aria-pressed={settings.thinking || isSpeciale}
        disabled={isSpeciale}
        onClick={() => side.change({ thinking: !settings.thinking })}
      >
        <Icon node={Brain} />
        {t.thinking}
      </button>
      <span class="grow" />
      <IconButton
        icon={SlidersHorizontal}
        size="small"
        label={t.settings}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      />
      {isOpen && (
        <SettingsDialog
          settings={settings}
          onChange={(change) => side.change(change)}
          onClose={() => setOpen(false)}
        />
      )}
    </header>
  );
}

function PaneFoot({ side }: { side: Side }) {
  const { route } = useLocation();
  const [isBusy, setBusy] = useState(false);
  const t = words();
  const go = async () => {
    setBusy(true);
    try {
      route(`/c/${await side.toConversation()}`);
    } catch (error) {
      toast(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <footer class="compare-foot">
      <CopyButton label={t.copy} text={() => markdownOf(side.run.value!.turn)} />
      <Button
        size="small"
        kind="ghost"
        icon={MessageSquareShare}
        busy={isBusy}
        onClick={() => void go()}
      >
        {t.go}
      </Button>
    </footer>
  );
}
