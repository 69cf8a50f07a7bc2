// A server of tools: whether it is there, its tools with their switches, reconnecting and removing it.

import { Plug, RefreshCw, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import type { ToolInfo, ToolServer } from '../../../src/web/wire.js';
import { messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { Confirm } from '../ui/dialog.js';
import { Notice } from '../ui/feedback.js';
import { Switch } from '../ui/fields.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toasts.js';
import { reconnectServer, removeServer } from './tool-servers.js';
import { toolTitle } from './tool-title.js';

const words = texts({
  en: {
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
    reconnect: 'Reconnect',
    remove: 'Remove',
    removeTitle: (name: string) => `Remove ${name}?`,
    removeText:
      'Its address and headers are forgotten. Conversations keep what its tools answered.',
    stdio: 'from the server’s configuration',
  },
  zh: {
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
    reconnect: '重新连接',
    remove: '移除',
    removeTitle: (name: string) => `移除 ${name}？`,
    removeText: '它的地址和请求头会被删除，对话中已有的工具结果会保留。',
    stdio: '来自服务器配置',
  },
});

export interface ServerCardProps {
  server: ToolServer;
  chosen: readonly string[];
  onSet: (tools: readonly ToolInfo[], isOn: boolean) => void;
}

export function ServerCard({ server, chosen, onSet }: ServerCardProps) {
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
                label={toolTitle(tool)}
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
