// A person decides about a tool call: once, for good in this conversation, or not at all.

import { Ban, Check } from 'lucide';
import { useRef, useState } from 'preact/hooks';
import type { Approval } from '../../../src/web/wire.js';
import { texts } from '../i18n/language.js';
import { Button } from '../ui/button.js';

const words = texts({
  en: {
    question: (tool: string) => `Run ${tool} with these arguments?`,
    allow: 'Allow once',
    always: 'Always in this conversation',
    deny: 'Deny',
  },
  zh: {
    question: (tool: string) => `用这些参数运行 ${tool}？`,
    allow: '允许一次',
    always: '本次对话始终允许',
    deny: '拒绝',
  },
});

export interface ToolQuestionProps {
  name: string;
  onDecide: (decision: Approval['decision']) => void;
}

export function ToolQuestion({ name, onDecide }: ToolQuestionProps) {
  const [isDecided, setDecided] = useState(false);
  const t = words();
  const group = useRef<HTMLDivElement>(null);
  const decide = (decision: Approval['decision']) => {
    setDecided(true);
    // The buttons go; whoever came by keyboard goes on at the card.
    group.current!.closest('.tool-card')?.querySelector('button')?.focus();
    onDecide(decision);
  };
  return (
    <div ref={group} class="tool-question" role="group" aria-label={t.question(name)}>
      <p>{t.question(name)}</p>
      <div class="row wrap">
        <Button
          size="small"
          kind="primary"
          icon={Check}
          disabled={isDecided}
          onClick={() => decide('allow')}
        >
          {t.allow}
        </Button>
        <Button size="small" disabled={isDecided} onClick={() => decide('always')}>
          {t.always}
        </Button>
        <Button
          size="small"
          kind="danger"
          icon={Ban}
          disabled={isDecided}
          onClick={() => decide('deny')}
        >
          {t.deny}
        </Button>
      </div>
    </div>
  );
}
