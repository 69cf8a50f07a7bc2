// An address that names nothing.

import { Compass } from 'lucide';
import { texts } from '../i18n/language.js';
import { LinkButton } from '../ui/button.js';
import { Empty } from '../ui/feedback.js';
import { Page } from './page.js';

const words = texts({
  en: { title: 'Not found', text: 'There is no page at this address.', home: 'To the chat' },
  zh: { title: '未找到', text: '此地址没有页面。', home: '返回对话' },
});

export function NotFoundPage() {
  const t = words();
  return (
    <Page title={t.title}>
      <Empty icon={Compass} title={t.text}>
        <LinkButton href="/" kind="primary">
          {t.home}
        </LinkButton>
      </Empty>
    </Page>
  );
}
