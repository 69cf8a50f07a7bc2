// Which of the two models answers, each with what it is for.

import { Check, ChevronDown, Sparkles, Waves } from 'lucide';
import type { ModelChoice } from '../../../src/web/wire.js';
import { texts } from '../i18n/language.js';
import { Icon } from '../ui/icon.js';
import { Popover } from './popover.js';

const words = texts({
  en: {
    label: 'Model',
    standard: 'Standard',
    speciale: 'Speciale',
    about: {
      standard: 'Thinks when you want it to, calls tools, answers quickly.',
      speciale: 'Always thinks, and at length: for hard problems. No tools.',
    },
  },
  zh: {
    label: '模型',
    standard: '标准版',
    speciale: 'Speciale',
    about: {
      standard: '可开关思考，能调用工具，回答迅速。',
      speciale: '始终深入思考，适合难题，不使用工具。',
    },
  },
});

export const MODELS: readonly ModelChoice[] = ['standard', 'speciale'];

const ICONS = { standard: Waves, speciale: Sparkles };

export function modelName(model: ModelChoice): string {
  return words()[model];
}

export interface ModelChoiceProps {
  value: ModelChoice;
  onValue: (model: ModelChoice) => void;
  /** The list opens downwards. */
  below?: boolean;
}

export function ModelPicker({ value, onValue, below = false }: ModelChoiceProps) {
  const t = words();
  return (
    <Popover
      label={t.label}
      below={below}
      button={(attributes) => (
        <button
          type="button"
          class="composer-pill"
          aria-label={`${t.label}: ${t[value]}`}
          {...attributes}
        >
          <Icon node={ICONS[value]} />
          <span class="composer-model">{t[value]}</span>
          <Icon node={ChevronDown} class="composer-caret" />
        </button>
      )}
    >
      {(close) => (
        <div class="model-list" role="radiogroup" aria-label={t.label} onKeyDown={moveFocus}>
          {MODELS.map((model) => (
            <button
              key={model}
              type="button"
              role="radio"
              aria-checked={model === value}
              class="model-option"
              onClick={() => {
                onValue(model);
                close();
              }}
            >
              <Icon node={ICONS[model]} />
              <span class="grow">
                <strong>{t[model]}</strong>
                <span class="soft small">{t.about[model]}</span>
              </span>
              {model === value && <Icon node={Check} />}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const options = [...(event.currentTarget as HTMLElement).querySelectorAll('button')];
  const at = options.indexOf(document.activeElement as HTMLButtonElement);
  options[(at + by + options.length) % options.length]?.focus();
}
