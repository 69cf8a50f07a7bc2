// A model's Markdown, while it is written and after. The parser comes when the first text does; until then
// the text is shown as it is.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { MarkdownViewProps } from './markdown-view.js';
import './markdown.css';

type View = (typeof import('./markdown-view.js'))['MarkdownView'];

const view = signal<View>();
let loading: Promise<void> | undefined;

/** Asked for ahead of its use, the first answer is drawn in full at once. */
export function loadMarkdown(): Promise<void> {
  loading ??= import('./markdown-view.js').then(
    ({ MarkdownView }) => {
      view.value = MarkdownView;
    },
    () => {
      // The text stays as it is; the next answer tries again.
      loading = undefined;
    },
  );
  return loading;
}

export type MarkdownProps = MarkdownViewProps;

export function Markdown(props: MarkdownProps) {
  const Loaded = view.value;
  useEffect(() => void loadMarkdown(), []);
  if (Loaded) return <Loaded {...props} />;
  return (
    <div class="md md-plain" aria-busy>
      {props.text.parts.map((part, index) => (
        <div key={index}>{part}</div>
      ))}
    </div>
  );
}
