// The form for an MCP server of one's own: name, address, headers. Headers may be secrets: they go to
// the server once and are never shown again.

import { Plus, X } from 'lucide';
import { useState } from 'preact/hooks';
import type { ToolServer } from '../../../src/web/wire.js';
import { messageOf } from '../api/http.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { Notice } from '../ui/feedback.js';
import { TextField } from '../ui/fields.js';
import { addServer } from './tool-servers.js';

const words = texts({
  en: {
    title: 'Add an MCP server',
    name: 'Name',
    nameHint: 'How it is called on this page.',
    url: 'Address',
    urlHint: 'Of its Streamable HTTP endpoint.',
    urlProblem: 'An address begins with http:// or https://.',
    headers: 'Headers',
    headersHint: 'Sent with every request to it, such as Authorization. Kept sealed, never shown.',
    header: (at: number) => `Name of header ${at}`,
    value: (at: number) => `Value of header ${at}`,
    addHeader: 'Add a header',
    removeHeader: (at: number) => `Remove header ${at}`,
    connect: 'Connect',
    cancel: 'Cancel',
  },
  zh: {
    title: '添加 MCP 服务器',
    name: '名称',
    nameHint: '在本页面上显示的名称。',
    url: '地址',
    urlHint: '它的 Streamable HTTP 端点地址。',
    urlProblem: '地址应以 http:// 或 https:// 开头。',
    headers: '请求头',
    headersHint: '随每个请求发送，例如 Authorization。加密保存，不再显示。',
    header: (at: number) => `请求头 ${at} 的名称`,
    value: (at: number) => `请求头 ${at} 的值`,
    addHeader: '添加请求头',
    removeHeader: (at: number) => `移除请求头 ${at}`,
    connect: '连接',
    cancel: '取消',
  },
});

export interface AddServerProps {
  onAdded: (server: ToolServer) => void;
  onCancel: () => void;
}

interface Header {
  name: string;
  value: string;
}

export function AddServer({ onAdded, onCancel }: AddServerProps) {
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [headers, setHeaders] = useState<readonly Header[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const t = words();
  const isAddress = /^https?:\/\/\S+$/.test(url.trim());
  const connect = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const given = headers.filter((header) => header.name.trim() !== '');
      const server = await addServer({
        name: name.trim(),
        url: url.trim(),
        ...(given.length > 0 && {
          headers: Object.fromEntries(given.map((header) => [header.name.trim(), header.value])),
        }),
      });
      onAdded(server);
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <form class="card padded stack" aria-label={t.title} onSubmit={(event) => void connect(event)}>
      <strong>{t.title}</strong>
      <TextField
        label={t.name}
        hint={t.nameHint}
        value={name}
        maxLength={40}
        required
        autocomplete="off"
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <TextField
        label={t.url}
        hint={t.urlHint}
        problem={url.trim() !== '' && !isAddress ? t.urlProblem : undefined}
        type="url"
        value={url}
        required
        autocomplete="off"
        placeholder="https://example.com/mcp"
        onInput={(event) => setUrl(event.currentTarget.value)}
      />
      <HeaderRows headers={headers} onHeaders={setHeaders} />
      {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
      <div class="row">
        <Button kind="primary" type="submit" busy={isBusy} disabled={!name.trim() || !isAddress}>
          {t.connect}
        </Button>
        <Button onClick={onCancel}>{t.cancel}</Button>
      </div>
    </form>
  );
}

interface HeaderRowsProps {
  headers: readonly Header[];
  onHeaders: (headers: readonly Header[]) => void;
}

function HeaderRows({ headers, onHeaders }: HeaderRowsProps) {
  const t = words();
  const change = (at: number, part: Partial<Header>) =>
    onHeaders(headers.map((header, index) => (index === at ? { ...header, ...part } : header)));
  return (
    <div class="field" role="group" aria-label={t.headers}>
      <span class="label">{t.headers}</span>
      {headers.map((header, index) => (
        <div class="row" key={index}>
          <input
            class="input"
            placeholder="Authorization"
            aria-label={t.header(index + 1)}
            value={header.name}
            autocomplete="off"
            onInput={(event) => change(index, { name: event.currentTarget.value })}
          />
          <input
            class="input"
            type="password"
            placeholder="Bearer …"
            aria-label={t.value(index + 1)}
            value={header.value}
            autocomplete="off"
            onInput={(event) => change(index, { value: event.currentTarget.value })}
          />
          <IconButton
            icon={X}
            label={t.removeHeader(index + 1)}
            size="small"
            onClick={() => onHeaders(headers.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <span class="hint">{t.headersHint}</span>
      <div>
        <Button
          size="small"
          icon={Plus}
          onClick={() => onHeaders([...headers, { name: '', value: '' }])}
        >
          {t.addHeader}
        </Button>
      </div>
    </div>
  );
}
