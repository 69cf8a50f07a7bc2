// Which tools the model is offered in this conversation, by server; and adding, reconnecting and
// removing servers.

import { Plug, Plus, RefreshCw, Trash2 } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import type { ConversationSettings, ToolInfo, ToolServer } from '../../../src/web/wire.js';
import { messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { Confirm, Dialog } from '../ui/dialog.js';
import { Failure, Loading, Notice } from '../ui/feedback.js';
import { SelectField, Switch } from '../ui/fields.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toasts.js';
import { AddServer } from './add-server.js';
import { loadTools, reconnectServer, removeServer, toolServers } from './tool-servers.js';
import './tools.css';

const words = texts({
  en: {
    title: 'Tools',
    intro: 'The model decides when to call the tools that are switched on here.',
    builtin: 'Built in',
    all: (on: number, of: number) => `${on} of ${of} on`,
    allOn: 'Switch all on',
    allOff: 'Switch all off',
    writes: 'writes',
    writesTitle: 'This tool can change things',
    none: 'This server offers no tools.',
    connecting: 'connecting…',
    failed: 'not connected',
    ready: 'connected',
    add: 'Add an MCP server',
    reconnect: 'Reconnect',
    remove: 'Remove',
    removeTitle: (name: string) => `Remove ${name}?`,
    removeText:
      'Its address and headers are forgotten. Conversations keep what its tools answered.',
    stdio: 'from the server’s configuration',
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
    builtin: '内置',
    all: (on: number, of: number) => `已启用 ${on}/${of}`,
    allOn: '全部启用',
    allOff: '全部停用',
    writes: '可写',
    writesTitle: '此工具会改动数据',
    none: '此服务器没有提供工具。',
    connecting: '连接中…',
    failed: '未连接',
    ready: '已连接',
    add: '添加 MCP 服务器',
    reconnect: '重新连接',
    remove: '移除',
    removeTitle: (name: string) => `移除 ${name}？`,
    removeText: '它的地址和请求头会被删除，对话中已有的工具结果会保留。',
    stdio: '来自服务器配置',
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

interface ServerCardProps {
  server: ToolServer;
  chosen: readonly string[];
  onSet: (tools: readonly ToolInfo[], isOn: boolean) => void;
}

function ServerCard({ server, chosen, onSet }: ServerCardProps) {
  const { tools, status, detail } = server;
  const on = tools.filter(({ id }) => chosen.includes(id)).length;
  const isAllOn = on === tools.length;
  const t = words();
  return (
    <section class="card tool-server" aria-label={server.name}>
      <header class="row wrap">
        <Icon node={Plug} />
        <strong>{server.kind === 'builtin' ? t.builtin : server.name}</strong>
        {server.kind !== 'builtin' && (
          <span class={`badge ${status === 'ready' ? 'good' : status === 'failed' ? 'bad' : ''}`}>
            {t[status]}
          </span>
        )}
        <span class="grow small faint truncate">
          {server.kind === 'stdio' ? t.stdio : server.url}
        </span>
        {tools.length > 0 && <span class="small faint numbers">{t.all(on, tools.length)}</span>}
        {tools.length > 1 && (
          <Button size="small" kind="ghost" onClick={() => onSet(tools, !isAllOn)}>
            {isAllOn ? t.allOff : t.allOn}
          </Button>
        )}
        {server.kind !== 'builtin' && <ServerActions server={server} />}
      </header>
      {detail !== null && <Notice kind="bad">{detail}</Notice>}
      {tools.length === 0 && status === 'ready' && <p class="soft small">{t.none}</p>}
      {tools.length > 0 && (
        <ul class="tool-list">
          {tools.map((tool) => (
            <li key={tool.id}>
              <Switch
                label={tool.title}
                checked={chosen.includes(tool.id)}
                onChange={(isOn) => onSet([tool], isOn)}
              />
              {tool.writes && (
                <span class="badge warn" title={t.writesTitle}>
                  {t.writes}
                </span>
              )}
              <p class="soft small">{tool.description}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function ServerActions({ server }: { server: ToolServer }) {
  const [isRemoving, setRemoving] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const t = words();
  const run = (wish: Promise<void>) => {
    setBusy(true);
    wish.catch((error: unknown) => toast(messageOf(error))).finally(() => setBusy(false));
  };
  return (
    <>
      <IconButton
        icon={RefreshCw}
        label={t.reconnect}
        size="small"
        disabled={isBusy}
        onClick={() => run(reconnectServer(server.id))}
      />
      {server.removable && (
        <IconButton
          icon={Trash2}
          label={t.remove}
          size="small"
          disabled={isBusy}
          onClick={() => setRemoving(true)}
        />
      )}
      {isRemoving && (
        <Confirm
          title={t.removeTitle(server.name)}
          action={t.remove}
          danger
          onConfirm={() => run(removeServer(server.id))}
          onClose={() => setRemoving(false)}
        >
          <p>{t.removeText}</p>
        </Confirm>
      )}
    </>
  );
}
