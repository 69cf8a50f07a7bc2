// Short messages at the lower edge, said to screen readers as well; one may carry an action, such as
// taking a deletion back.

import { signal } from '@preact/signals';
import { X } from 'lucide';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from './button.js';

interface Toast {
  id: number;
  message: string;
  action: { label: string; run: () => void } | undefined;
}

const words = texts({ en: { dismiss: 'Dismiss' }, zh: { dismiss: '关闭' } });

const shown = signal<readonly Toast[]>([]);
let nextId = 1;

const SHOWN_MS = 6000;
const MAX_SHOWN = 3;

/** Shows a message for some seconds. @returns a function that takes it away. */
export function toast(message: string, action?: Toast['action']): () => void {
  const id = nextId++;
  const remove = () => (shown.value = shown.value.filter((each) => each.id !== id));
  shown.value = [...shown.value, { id, message, action }].slice(-MAX_SHOWN);
  setTimeout(remove, SHOWN_MS);
  return remove;
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map(({ id, message, action }) => {
        const remove = () => (shown.value = shown.value.filter((each) => each.id !== id));
        return (
          <div class="toast" key={id}>
            <span>{message}</span>
            {action && (
              <Button
                size="small"
                onClick={() => {
                  remove();
                  action.run();
                }}
              >
                {action.label}
              </Button>
            )}
            <IconButton icon={X} label={words().dismiss} size="small" onClick={remove} />
          </div>
        );
      })}
    </div>
  );
}
