// The form of an endpoint's parameters: reads the body of the editor and writes into it, one field at a
// time. A parameter is in the body when it is set here, and not when it is empty.

import { texts, language } from '../i18n/language.js';
import { fieldOf, withField } from '../lib/body-fields.js';
import { parseJsonText } from '../lib/json-problem.js';
import type { Parameter } from '../lib/playground-endpoints.js';
import { SelectField, TextAreaField, TextField } from '../ui/fields.js';
import { useEffect, useState } from 'preact/hooks';

const words = texts({
  en: {
    absent: 'not sent',
    yes: 'true',
    no: 'false',
    range: (min: string, max: string) => `${min} to ${max}`,
    number: 'A number, or nothing.',
    json: 'This is not JSON.',
  },
  zh: {
    absent: '不发送',
    yes: 'true',
    no: 'false',
    range: (min: string, max: string) => `${min} 到 ${max}`,
    number: '请输入数字，或留空。',
    json: '不是合法的 JSON。',
  },
});

export interface BodyFormProps {
  parameters: readonly Parameter[];
  /** Parsed from the editor. */
  body: unknown;
  onBody: (body: object) => void;
}

export function BodyForm({ parameters, body, onBody }: BodyFormProps) {
  return (
    <div class="play-form">
      {parameters.map((parameter) => (
        <Control
          key={parameter.name}
          parameter={parameter}
          value={fieldOf(body, parameter.name)}
          onValue={(value) => onBody(withField(body, parameter.name, value))}
        />
      ))}
    </div>
  );
}

interface ControlProps {
  parameter: Parameter;
  value: unknown;
  onValue: (value: unknown) => void;
}

function Control(props: ControlProps) {
  const { parameter, value, onValue } = props;
  const t = words();
  const label = parameter.required ? `${parameter.name} *` : parameter.name;
  const hint = parameter.about[language.value];
  switch (parameter.kind) {
    case 'boolean':
      return (
        <SelectField
          label={label}
          hint={hint}
          value={value === true ? 'true' : value === false ? 'false' : ''}
          options={[
            { value: '', label: t.absent },
            { value: 'true', label: t.yes },
            { value: 'false', label: t.no },
          ]}
          onValue={(next) => onValue(next === '' ? undefined : next === 'true')}
        />
      );
    case 'choice':
      return (
        <SelectField
          label={label}
          hint={hint}
          value={typeof value === 'string' ? value : ''}
          options={choices(parameter.options, value).map((option) => ({
            value: option,
            label: option === '' ? t.absent : option,
          }))}
          onValue={(next) => onValue(next === '' ? undefined : next)}
        />
      );
    case 'text':
      return (
        <TextField
          label={label}
          hint={hint}
          value={typeof value === 'string' ? value : ''}
          onInput={(event) => onValue(event.currentTarget.value || undefined)}
        />
      );
    case 'long-text':
      return (
        <div class="play-wide">
          <TextAreaField
            label={label}
            hint={hint}
            value={typeof value === 'string' ? value : ''}
            onInput={(event) => onValue(event.currentTarget.value || undefined)}
          />
        </div>
      );
    case 'number':
    case 'integer':
      return <NumberControl {...props} label={label} hint={hint} />;
    case 'json':
      return <JsonControl {...props} label={label} hint={hint} />;
    default:
      return parameter satisfies never;
  }
}

/** A value that is none of the options stays one, or the form would show what is not sent. */
function choices(options: readonly string[], value: unknown): string[] {
  const other = typeof value === 'string' && !options.includes(value) ? [value] : [];
  return ['', ...options, ...other];
}

type TypedProps = ControlProps & { label: string; hint: string };

function NumberControl({ parameter, value, onValue, label, hint }: TypedProps) {
  const shown = typeof value === 'number' ? String(value) : '';
  const [text, setText] = useState(shown);
  useEffect(() => {
    if (Number(text) !== value) setText(shown);
  }, [shown]);
  const t = words();
  const isWrong = text.trim() !== '' && !Number.isFinite(Number(text));
  const { min, max } = parameter as { min?: number; max?: number };
  const range = min !== undefined && max !== undefined ? ` ${t.range(`${min}`, `${max}`)}.` : '';
  return (
    <TextField
      label={label}
      hint={hint + range}
      inputMode="decimal"
      placeholder={t.absent}
      problem={isWrong ? t.number : undefined}
      value={text}
      onInput={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        if (next.trim() === '') onValue(undefined);
        else if (Number.isFinite(Number(next))) onValue(Number(next));
      }}
    />
  );
}

/** Small JSON is edited in place; while it is none, the body keeps what it had. */
function JsonControl({ value, onValue, label, hint }: TypedProps) {
  const shown = value === undefined ? '' : JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ');
  const [text, setText] = useState(shown);
  const [isOwn, setOwn] = useState(false);
  useEffect(() => {
    if (!isOwn) setText(shown);
    setOwn(false);
  }, [shown]);
  const isWrong = text.trim() !== '' && 'problem' in parseJsonText(text);
  return (
    <div class="play-wide">
      <TextAreaField
        label={label}
        hint={hint}
        class="input mono play-json"
        rows={2}
        spellcheck={false}
        problem={isWrong ? words().json : undefined}
        value={text}
        onInput={(event) => {
          const next = event.currentTarget.value;
          setText(next);
          setOwn(true);
          if (next.trim() === '') return onValue(undefined);
          const parsed = parseJsonText(next);
          if ('value' in parsed) onValue(parsed.value);
        }}
      />
    </div>
  );
}
