// Changes a key's name and limits; they hold at once.

import { useState } from 'preact/hooks';
import type { KeyJson } from '../../../../src/server/admin/admin-json.js';
import { messageOf } from '../../api/http.js';
import { texts } from '../../i18n/language.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/feedback.js';
import { adminClient } from '../admin-client.js';
import { bodyOf, formOf, problemsOf, type KeyForm } from './key-form.js';
import { KeyLimitsFields } from './key-limits.js';

const words = texts({
  en: { title: 'Limits of a key', cancel: 'Cancel', save: 'Save' },
  zh: { title: '密钥限制', cancel: '取消', save: '保存' },
});

export interface EditKeyDialogProps {
  apiKey: KeyJson;
  onChanged: (key: KeyJson) => void;
  onClose: () => void;
}

export function EditKeyDialog({ apiKey, onChanged, onClose }: EditKeyDialogProps) {
  const [form, setForm] = useState<KeyForm>(formOf(apiKey));
  const [problems, setProblems] = useState<{ concurrency?: string; date?: string }>({});
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const t = words();
  const save = async () => {
    const found = problemsOf(form, Date.now());
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      onChanged(await adminClient.changeKey(apiKey.id, bodyOf(form, Date.now())));
      onClose();
    } catch (error) {
      setFailure(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`${t.title} ${apiKey.tail}`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button kind="primary" busy={isBusy} onClick={() => void save()}>
            {t.save}
          </Button>
        </>
      }
    >
      <div class="stack">
        {failure !== undefined && <Notice kind="bad">{failure}</Notice>}
        <KeyLimitsFields form={form} onForm={setForm} isChange problems={problems} />
      </div>
    </Dialog>
  );
}
