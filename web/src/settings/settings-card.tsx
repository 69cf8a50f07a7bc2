// A group of settings, and one setting with its name at the left and its control at the right.

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface SettingsCardProps {
  title: string;
  children: ComponentChildren;
}

export function SettingsCard({ title, children }: SettingsCardProps) {
  const id = useId();
  return (
    <section class="card settings-card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

export interface SettingRowProps {
  label: string;
  hint?: string;
  children: ComponentChildren;
}

export function SettingRow({ label, hint, children }: SettingRowProps) {
  return (
    <div class="setting">
      <div class="setting-words">
        <span class="setting-label">{label}</span>
        {hint !== undefined && <span class="small soft">{hint}</span>}
      </div>
      <div class="setting-control">{children}</div>
    </div>
  );
}
