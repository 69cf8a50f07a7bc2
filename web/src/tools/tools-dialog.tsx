// Which tools the model is offered in this conversation, by server; and adding, reconnecting and
// removing servers.

import { Plus } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import type { ConversationSettings, ToolInfo, ToolServer } from '../../../src/web/wire.js';
import { messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Failure, Loading } from '../ui/feedback.js';
import { SelectField } from '../ui/fields.js';
import { AddServer } from './add-server.js';
import { ServerCard } from './server-card.js';
import { loadTools, toolServers } from './tool-servers.js';
import './tools.css';

const words = texts({
  en: {
    title: 'Tools',
    intro: 'The model decides when to call the tools that are switched on here.',
    add: 'Add an MCP server',
    approval: 'Ask before a tool runs',
    approvals: {
      writes: 'Only tools that write',
      all: 'Every tool',
      never: 'Never',
    },
    forget: (count: number) => `Ask again about ${count} tools that are always allowed`,
  },
  zh: {
    title: '工具',
    intro: '模型会自行决定何时调用此处启用的工具。',
    add: '添加 MCP 服务器',
    approval: '工具运行前询问',
    approvals: { writes: '仅可写的工具', all: '所有工具', never: '从不' },
    forget: (count: number) => `重新询问 ${count} 个已始终允许的工具`,
  },
});

export interface ToolsDialogProps {
  settings: ConversationSettings;
  onChange: (change: Partial<ConversationSettings>) => void;
  onClose: () => void;
}

export function ToolsDialog({ settings, onChange, onClose }: ToolsDialogProps) {
  const [failure, setFailure] = useState<string>();
  const [isAdding, setAdding] = useState(false);
  const t = words();
  const load = () => {
    setFailure(undefined);
    loadTools().catch((error: unknown) => setFailure(messageOf(error)));
  };
  useEffect(load, []);
  const { value: servers } = toolServers;
  const setTools = (tools: readonly ToolInfo[], isOn: boolean) => {
    const ids = new Set(settings.tools);
    for (const { id } of tools) {
      if (isOn) ids.add(id);
      else ids.delete(id);
    }
    onChange({ tools: [...ids] });
  };
  const added = (server: ToolServer) => {
    setAdding(false);
    setTools(server.tools, true);
  };
  return (
    <Dialog title={t.title} onClose={onClose} wide>
      <div class="stack">
        <p class="soft small">{t.intro}</p>
        {failure !== undefined && <Failure message={failure} onRetry={load} />}
        {failure === undefined && servers === null && <Loading />}
        {servers?.map((server) => (
          <ServerCard key={server.id} server={server} chosen={settings.tools} onSet={setTools} />
        ))}
        {isAdding ? (
          <AddServer onAdded={added} onCancel={() => setAdding(false)} />
        ) : (
          <div>
            <Button icon={Plus} onClick={() => setAdding(true)}>
              {t.add}
            </Button>
          </div>
        )}
        <SelectField
          label={t.approval}
          value={settings.approval}
          options={(['writes', 'all', 'never'] as const).map((value) => ({
            value,
            label: t.approvals[value],
          }))}
          onValue={(approval) => onChange({ approval })}
        />
        {settings.always_allowed.length > 0 && (
          <div>
            <Button size="small" onClick={() => onChange({ always_allowed: [] })}>
              {t.forget(settings.always_allowed.length)}
            </Button>
          </div>
        )}
      </div>
    </Dialog>
  );
}
