// The chat: conversations at the side, one of them in the middle, the composer below.

import { ArrowDown, WifiOff } from 'lucide';
import { useLocation, useRoute } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import { useFileDrop } from '../files/attach-button.js';
import { texts } from '../i18n/language.js';
import { Page } from '../shell/page.js';
import { Sidebar } from '../sidebar/sidebar.js';
import { loadTools } from '../tools/tool-servers.js';
import { Failure, Loading } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import { Announcer } from './announcer.js';
import { useChatCommands } from './chat-commands.js';
import { ChatActions } from './chat-actions.js';
import { ChatHeading } from './chat-heading.js';
import { chatOf } from './chats.js';
import type { Chat } from './chat.js';
import { Composer } from './composer.js';
import { EmptyChat } from './empty-chat.js';
import { ExchangeView } from './exchange-view.js';
import { useFollowEnd } from './use-follow-end.js';
import './chat.css';

const words = texts({
  en: {
    newChat: 'New chat',
    conversations: 'Conversations',
    untitled: 'Untitled',
    away: 'Connection lost, trying again… Nothing is lost.',
    latest: 'Jump to the latest',
  },
  zh: {
    newChat: '新对话',
    conversations: '对话列表',
    untitled: '未命名',
    away: '连接已断开，正在重试… 内容不会丢失。',
    latest: '跳到最新',
  },
});

export function ChatPage() {
  const { params } = useRoute();
  const { route, path } = useLocation();
  const chat = chatOf(params['id'] ?? null);
  useEffect(() => {
    void chat.open();
    loadTools().catch(() => undefined); // the tools dialog says what is wrong
  }, [chat]);
  const id = chat.id.value;
  useEffect(() => {
    // The first question has made this a conversation: its address follows.
    if (id !== null && path === '/') route(`/c/${id}`, true);
  }, [id, path]);
  useChatCommands(chat);
  const t = words();
  const title = titleOf(chat);
  const key = chatKey(chat);
  return (
    <Page
      title={title}
      heading={<ChatHeading key={key} chat={chat} title={title} />}
      sidebar={<Sidebar chat={chat} />}
      sidebarLabel={t.conversations}
      actions={<ChatActions chat={chat} onNew={() => route('/')} />}
      fills
    >
      {chat.failure.value !== null ? (
        <Failure message={chat.failure.value} onRetry={() => void chat.open()} />
      ) : (
        <ChatBody key={key} chat={chat} />
      )}
      <Announcer />
    </Page>
  );
}

function ChatBody({ chat }: { chat: Chat }) {
  const settings = chat.settings.value;
  const exchanges = chat.exchanges.value;
  const run = chat.run.value;
  const isEmpty = exchanges.length === 0;
  const body = useRef<HTMLDivElement>(null);
  const isDropping = useFileDrop(body, (files) => void chat.attachments.add(files));
  const { scroller, content, isAtEnd, toEnd } = useFollowEnd(isEmpty ? null : chat);
  const t = words();
  useEffect(() => {
    if (run) toEnd();
  }, [run]);
  return (
    <div class={`chat-body ${isDropping ? 'dropping' : ''}`} ref={body}>
      <div class="chat-scroll" ref={scroller}>
        <div class={`chat-content ${isEmpty ? 'empty-content' : ''}`} ref={content}>
          {settings === null && <Loading />}
          {settings !== null && isEmpty && <EmptyChat chat={chat} />}
          {exchanges.map((exchange, index) => (
            <ExchangeView
              key={exchange.key}
              chat={chat}
              exchange={exchange}
              isLast={index === exchanges.length - 1}
            />
          ))}
        </div>
      </div>
      <div class="chat-foot">
        {!isAtEnd && !isEmpty && (
          <button type="button" class="chat-latest" onClick={toEnd}>
            <Icon node={ArrowDown} />
            {t.latest}
          </button>
        )}
        {run?.isAway.value && (
          <p class="chat-away" role="status">
            <Icon node={WifiOff} />
            {t.away}
          </p>
        )}
        {settings !== null && <Composer chat={chat} settings={settings} />}
      </div>
    </div>
  );
}

/** Its own, or the beginning of its first question. */
function titleOf(chat: Chat): string {
  const conversation = chat.conversation.value;
  if (!conversation) return words().newChat;
  if (conversation.title !== '') return conversation.title;
  const first = conversation.messages.find(({ role }) => role === 'user');
  const line = first?.content.trim().split('\n', 1)[0] ?? '';
  return line === '' ? words().untitled : line.slice(0, 80);
}

const keys = new WeakMap<Chat, number>();
let lastKey = 0;

/** One per chat object: a new chat that gets its id stays the same view. */
function chatKey(chat: Chat): number {
  let key = keys.get(chat);
  if (key === undefined) keys.set(chat, (key = ++lastKey));
  return key;
}
