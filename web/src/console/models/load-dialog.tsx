// Before a model is exchanged: what it means for those who are being answered, and the two choices.

import { useState } from 'preact/hooks';
import type { EngineInfo, LoadRequest, ModelFileInfo } from '../../../../src/web/models-wire.js';
import { call, messageOf } from '../../api/http.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Notice } from '../../ui/feedback.js';
import { SelectField } from '../../ui/fields.js';
import { modelWords } from './model-words.js';

export interface LoadDialogProps {
  file: ModelFileInfo;
  onStarted: (info: EngineInfo) => void;
  onClose: () => void;
}

type TokenizerChoice = 'own' | 'v3' | 'v3.2';

export function LoadDialog({ file, onStarted, onClose }: LoadDialogProps) {
  const t = modelWords();
  const [wait, setWait] = useState('60');
  const [tokenizer, setTokenizer] = useState<TokenizerChoice>('own');
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const load = async () => {
    const body: LoadRequest = {
      file: file.id,
      wait_seconds: Number(wait),
      ...(tokenizer !== 'own' && { tokenizer }),
    };
    setBusy(true);
    try {
      onStarted(await call<EngineInfo>('/web/v1/engine/load', { method: 'POST', body }));
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t.cancel}</Button>
      <Button kind="primary" busy={isBusy} onClick={() => void load()}>
        {t.load}
      </Button>
    </>
  );
  return (
    <Dialog title={t.loadTitle(file.name)} onClose={onClose} footer={footer}>
      <div class="stack">
        <p>{t.loadText}</p>
        <SelectField
          label={t.wait}
          hint={t.waitHint}
          value={wait}
          options={[
            { value: '0', label: t.waitNone },
            { value: '60', label: t.waitMinutes(1) },
            { value: '300', label: t.waitMinutes(5) },
            { value: '1800', label: t.waitMinutes(30) },
          ]}
          onValue={setWait}
        />
        <SelectField
          label={t.tokenizer}
          hint={t.tokenizerHint}
          value={tokenizer}
          options={[
            { value: 'own', label: t.tokenizerOwn },
            { value: 'v3.2', label: 'DeepSeek-V3.2' },
            { value: 'v3', label: 'DeepSeek-V3' },
          ]}
          onValue={setTokenizer}
        />
        {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
      </div>
    </Dialog>
  );
}
