// What a page shows instead of content: waiting, nothing there, something wrong.

import { CircleAlert, Info, TriangleAlert, type IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { texts } from '../i18n/language.js';
import { Button } from './button.js';
import { Icon } from './icon.js';

const words = texts({
  en: { loading: 'Loading', again: 'Try again' },
  zh: { loading: '加载中', again: '重试' },
});

export function Loading() {
  return (
    <div class="empty" role="status">
      <span class="spinner" />
      <span class="visually-hidden">{words().loading}</span>
    </div>
  );
}

export interface EmptyProps {
  icon: IconNode;
  title: string;
  children?: ComponentChildren;
}

export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty">
      <Icon node={icon} />
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Failure({ message, onRetry }: { message: string; onRetry?: () => void }) {
  return (
    <div class="empty" role="alert">
      <Icon node={CircleAlert} />
      <span>{message}</span>
      {onRetry && <Button onClick={onRetry}>{words().again}</Button>}
    </div>
  );
}

export interface NoticeProps {
  kind?: 'info' | 'warn' | 'bad';
  children: ComponentChildren;
}

export function Notice({ kind = 'info', children }: NoticeProps) {
  return (
    <div
      class={`notice ${kind === 'info' ? '' : kind}`}
      role={kind === 'bad' ? 'alert' : undefined}
    >
      <Icon node={kind === 'info' ? Info : kind === 'warn' ? TriangleAlert : CircleAlert} />
      <div class="grow">{children}</div>
    </div>
  );
}
