// The dialog that a row of the list has opened. Beside the list, not in the row, which goes when it
// is scrolled away; and what is typed in a dialog is nobody else's key.

import { signal } from '@preact/signals';
import type { ConversationSummary } from '../../../src/web/wire.js';
import { texts } from '../i18n/language.js';
import { Confirm } from '../ui/dialog.js';
import { ExportDialog } from './export-dialog.js';
import { OrganiseDialog } from './organise-dialog.js';
import { ShareDialog } from './share-dialog.js';
import { shownTitle } from './shown-title.js';

const words = texts({
  en: {
    delete: 'Delete',
    confirm: 'Delete this conversation?',
    warning: (title: string) => `“${title}” goes with all its branches and files.`,
  },
  zh: {
    delete: '删除',
    confirm: '删除此对话？',
    warning: (title: string) => `“${title}”及其全部分支和文件都会被删除。`,
  },
});

interface OpenDialog {
  kind: 'organise' | 'share' | 'export' | 'delete';
  item: ConversationSummary;
  remove: () => void;
}

export const openDialog = signal<OpenDialog | undefined>(undefined);

export function SidebarDialogs() {
  const { value: open } = openDialog;
  if (!open) return null;
  return (
    <div
      onKeyDown={(event) => {
        // The drawer of a phone would close with the dialog.
        event.stopPropagation();
      }}
    >
      <Opened {...open} />
    </div>
  );
}

function Opened({ kind, item, remove }: OpenDialog) {
  const close = () => (openDialog.value = undefined);
  switch (kind) {
    case 'organise':
      return <OrganiseDialog item={item} onClose={close} />;
    case 'share':
      return <ShareDialog item={item} onClose={close} />;
    case 'export':
      return <ExportDialog item={item} onClose={close} />;
    case 'delete': {
      const t = words();
      return (
        <Confirm title={t.confirm} action={t.delete} danger onConfirm={remove} onClose={close}>
          <p>{t.warning(shownTitle(item))}</p>
        </Confirm>
      );
    }
    default:
      return kind satisfies never;
  }
}
