// Sharing as one static file: what is in it is chosen here, and said before it is made.

import { Download } from 'lucide';
import { useState } from 'preact/hooks';
import type { ConversationSummary } from '../../../src/web/wire.js';
import { messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/feedback.js';
import { Switch } from '../ui/fields.js';
import { exportedFile, saveFile } from './exported-file.js';

const words = texts({
  en: {
    title: 'Share as a page',
    about:
      'One HTML file with the branch that is shown. It needs no server, loads nothing and runs no ' +
      'scripts: send it, or put it on any web space. Whoever has the file can read it.',
    holds: 'Besides questions and answers it holds',
    reasoning: 'Thoughts',
    tools: 'Tool calls, with arguments and results',
    system: 'The system prompt',
    never:
      'Of attached files it holds the names only. Your key, costs and other branches are never in it.',
    save: 'Download the page',
    close: 'Close',
  },
  zh: {
    title: '分享为网页',
    about:
      '当前显示的分支会生成一个 HTML 文件。它不需要服务器，不加载任何外部内容，也不运行脚本：可以直接发送，或放到任意网站空间。拿到文件的人都能阅读。',
    holds: '除提问和回答外，还包含',
    reasoning: '思考过程',
    tools: '工具调用（参数和结果）',
    system: '系统提示词',
    never: '附件只包含文件名。密钥、费用和其他分支绝不会包含在内。',
    save: '下载网页',
    close: '关闭',
  },
});

const PARTS = ['reasoning', 'tools', 'system'] as const;
type Part = (typeof PARTS)[number];

export interface ShareDialogProps {
  item: ConversationSummary;
  onClose: () => void;
}

export function ShareDialog({ item, onClose }: ShareDialogProps) {
  const [hidden, setHidden] = useState<readonly Part[]>(['system']);
  const [problem, setProblem] = useState<string>();
  const [isSaving, setSaving] = useState(false);
  const t = words();
  const save = async () => {
    setSaving(true);
    setProblem(undefined);
    try {
      saveFile(await exportedFile(item.id, 'html', hidden));
    } catch (error) {
      setProblem(messageOf(error));
    }
    setSaving(false);
  };
  const footer = (
    <>
      <Button onClick={onClose}>{t.close}</Button>
      <Button kind="primary" icon={Download} busy={isSaving} onClick={() => void save()}>
        {t.save}
      </Button>
    </>
  );
  return (
    <Dialog title={t.title} onClose={onClose} footer={footer}>
      <div class="stack">
        {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
        <p>{t.about}</p>
        <fieldset class="share-parts">
          <legend>{t.holds}</legend>
          {PARTS.map((part) => (
            <Switch
              key={part}
              label={t[part]}
              checked={!hidden.includes(part)}
              onChange={(isIn) =>
                setHidden(isIn ? hidden.filter((each) => each !== part) : [...hidden, part])
              }
            />
          ))}
        </fieldset>
        <p class="soft">{t.never}</p>
      </div>
    </Dialog>
  );
}
