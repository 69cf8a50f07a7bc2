// The forms in which a conversation can be taken along, each with what it holds.

import { Braces, CodeXml, FileText, SquareTerminal, type IconNode, Copy, Download } from 'lucide';
import { useState } from 'preact/hooks';
import type { ConversationSummary, ExportFormat } from '../../../src/web/wire.js';
import { messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toasts.js';
import { exportedFile, saveFile } from './exported-file.js';

const words = texts({
  en: {
    title: 'Export',
    download: 'Download',
    copy: (name: string) => `Copy ${name}`,
    copied: 'Copied',
    code: 'The last request, as code that runs as it is with the key in $HADAL_API_KEY.',
    markdown: ['Markdown', 'The branch that is shown, to read and to edit.'],
    json: ['JSON', 'Everything: all branches, thoughts, tool calls, files. Import reads it again.'],
    curl: ['curl', 'For a terminal.'],
    python: ['Python', 'With the OpenAI SDK.'],
    typescript: ['TypeScript', 'With the OpenAI SDK.'],
  },
  zh: {
    title: '导出',
    download: '下载',
    copy: (name: string) => `复制 ${name}`,
    copied: '已复制',
    code: '最后一次请求的代码，可直接运行，密钥取自 $HADAL_API_KEY。',
    markdown: ['Markdown', '当前显示的分支，便于阅读和编辑。'],
    json: ['JSON', '全部内容：所有分支、思考、工具调用和文件，可再次导入。'],
    curl: ['curl', '在终端中使用。'],
    python: ['Python', '使用 OpenAI SDK。'],
    typescript: ['TypeScript', '使用 OpenAI SDK。'],
  },
});

const DOCUMENTS = [
  { format: 'markdown', icon: FileText },
  { format: 'json', icon: Braces },
] as const;
const CODE = [
  { format: 'curl', icon: SquareTerminal },
  { format: 'python', icon: CodeXml },
  { format: 'typescript', icon: CodeXml },
] as const;

export interface ExportDialogProps {
  item: ConversationSummary;
  onClose: () => void;
}

export function ExportDialog({ item, onClose }: ExportDialogProps) {
  const [problem, setProblem] = useState<string>();
  const t = words();
  const take = async (format: ExportFormat, how: 'save' | 'copy') => {
    try {
      setProblem(undefined);
      const file = await exportedFile(item.id, format);
      if (how === 'save') return saveFile(file);
      await navigator.clipboard.writeText(file.text);
      toast(t.copied);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <Dialog title={t.title} onClose={onClose}>
      <div class="exports">
        {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
        {DOCUMENTS.map((each) => (
          <Form key={each.format} {...each} onTake={take} />
        ))}
        <p class="soft exports-note">{t.code}</p>
        {CODE.map((each) => (
          <Form key={each.format} {...each} onTake={take} />
        ))}
      </div>
    </Dialog>
  );
}

function Form({
  format,
  icon,
  onTake,
}: {
  format: Exclude<ExportFormat, 'html'>;
  icon: IconNode;
  onTake: (format: ExportFormat, how: 'save' | 'copy') => Promise<void>;
}) {
  const t = words();
  const [name = '', about = ''] = t[format];
  return (
    <div class="export-form">
      <Icon node={icon} />
      <div class="grow">
        <strong>{name}</strong>
        <span>{about}</span>
      </div>
      <IconButton icon={Copy} label={t.copy(name)} onClick={() => void onTake(format, 'copy')} />
      <Button
        icon={Download}
        size="small"
        aria-label={`${t.download} ${name}`}
        onClick={() => void onTake(format, 'save')}
      >
        {t.download}
      </Button>
    </div>
  );
}
