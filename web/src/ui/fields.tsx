// Fields of forms: a label, what it takes, a hint, and what is wrong with it, tied together for screen
// readers.

import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  /** What is wrong with the value. */
  problem?: string | undefined;
}

type Input = Omit<JSX.IntrinsicElements['input'], 'label' | 'id' | 'role' | 'type'> & {
  type?: 'text' | 'password' | 'search' | 'url' | 'number' | 'date' | 'datetime-local';
};

export function TextField({ label, hint, problem, ...input }: FieldProps & Input) {
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <input
        class="input"
        {...(input as JSX.IntrinsicElements['input'])}
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-more`}
      />
      <More id={`${id}-more`} hint={hint} problem={problem} />
    </div>
  );
}

type TextAreaInput = Omit<JSX.IntrinsicElements['textarea'], 'label' | 'id'>;

export function TextAreaField({ label, hint, problem, ...input }: FieldProps & TextAreaInput) {
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <textarea
        class="input"
        rows={3}
        {...input}
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-more`}
      />
      <More id={`${id}-more`} hint={hint} problem={problem} />
    </div>
  );
}

export interface SelectFieldProps<T extends string> extends FieldProps {
  value: T;
  options: readonly { value: T; label: string }[];
  onValue: (value: T) => void;
  disabled?: boolean;
}

export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { label, hint, problem, value, options, onValue, disabled } = props;
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <select
        class="input"
        id={id}
        value={value}
        disabled={disabled}
        onChange={(event) => onValue(event.currentTarget.value as T)}
        aria-describedby={`${id}-more`}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <More id={`${id}-more`} hint={hint} problem={problem} />
    </div>
  );
}

function More({
  id,
  hint,
  problem,
}: {
  id: string;
  hint: ComponentChildren;
  problem: string | undefined;
}) {
  if (problem !== undefined) {
    return (
      <p class="problem" id={id} role="alert">
        {problem}
      </p>
    );
  }
  return hint === undefined ? null : (
    <p class="hint" id={id}>
      {hint}
    </p>
  );
}

export interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  /** Only for screen readers, where the label stands elsewhere. */
  hideLabel?: boolean;
}

export function Switch({ label, checked, onChange, disabled, hideLabel }: SwitchProps) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class={hideLabel ? 'visually-hidden' : ''}>{label}</span>
    </label>
  );
}

export interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: ComponentChildren }[];
  onValue: (value: T) => void;
}

/** One of few, all in sight. Arrow keys move. */
export function Segmented<T extends string>({ label, value, options, onValue }: SegmentedProps<T>) {
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = options.findIndex((option) => option.value === value);
    const next = (at + by + options.length) % options.length;
    onValue(options[next]!.value);
    const group = event.currentTarget as HTMLElement;
    (group.children[next] as HTMLElement).focus();
  };
  return (
    <div class="segmented" role="radiogroup" aria-label={label} onKeyDown={move}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onValue(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
