// Where a conversation is filed: one folder, and tags. Names that are used already are offered.

import { Plus, X } from 'lucide';
import { useId, useState } from 'preact/hooks';
import type { ConversationSummary } from '../../../src/web/wire.js';
import { messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { TextField } from '../ui/fields.js';
import { conversationList } from './conversation-list.js';

const words = texts({
  en: {
    title: 'Folder and tags',
    folder: 'Folder',
    folderHint: 'Empty: in no folder.',
    tag: 'Add a tag',
    add: 'Add',
    remove: (tag: string) => `Remove the tag ${tag}`,
    save: 'Save',
    cancel: 'Cancel',
  },
  zh: {
    title: '文件夹与标签',
    folder: '文件夹',
    folderHint: '留空表示不放入文件夹。',
    tag: '添加标签',
    add: '添加',
    remove: (tag: string) => `移除标签 ${tag}`,
    save: '保存',
    cancel: '取消',
  },
});

export interface OrganiseDialogProps {
  item: ConversationSummary;
  onClose: () => void;
}

export function OrganiseDialog({ item, onClose }: OrganiseDialogProps) {
  const [folder, setFolder] = useState(item.folder ?? '');
  const [tags, setTags] = useState<readonly string[]>(item.tags);
  const [draft, setDraft] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isSaving, setSaving] = useState(false);
  const [folderListId, tagListId] = [useId(), useId()];
  const t = words();
  const withDraft = () => {
    const tag = draft.trim();
    return tag === '' || tags.includes(tag) ? tags : [...tags, tag];
  };
  const add = () => {
    setTags(withDraft());
    setDraft('');
  };
  const save = async () => {
    setSaving(true);
    try {
      const name = folder.trim();
      const change = { folder: name === '' ? null : name, tags: [...withDraft()] };
      await conversationList.change(item.id, change);
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
      setSaving(false);
    }
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t.cancel}</Button>
      <Button kind="primary" busy={isSaving} onClick={() => void save()}>
        {t.save}
      </Button>
    </>
  );
  return (
    <Dialog title={t.title} onClose={onClose} footer={footer}>
      <div class="stack organise">
        <TextField
          label={t.folder}
          hint={t.folderHint}
          problem={problem}
          value={folder}
          maxLength={100}
          {...{ list: folderListId }}
          onInput={(event) => setFolder(event.currentTarget.value)}
        />
        <Names id={folderListId} names={conversationList.folders.value} />
        <div class="organise-add">
          <TextField
            label={t.tag}
            value={draft}
            maxLength={50}
            {...{ list: tagListId }}
            onInput={(event) => setDraft(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.isComposing) return;
              event.preventDefault();
              add();
            }}
          />
          <Names
            id={tagListId}
            names={conversationList.tags.value.filter((tag) => !tags.includes(tag))}
          />
          <Button icon={Plus} disabled={draft.trim() === ''} onClick={add}>
            {t.add}
          </Button>
        </div>
        {tags.length > 0 && (
          <ul class="organise-tags">
            {tags.map((tag) => (
              <li key={tag} class="badge accent">
                #{tag}
                <IconButton
                  icon={X}
                  size="small"
                  label={t.remove(tag)}
                  onClick={() => setTags(tags.filter((each) => each !== tag))}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}

function Names({ id, names }: { id: string; names: readonly string[] }) {
  return (
    <datalist id={id}>
      {names.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
