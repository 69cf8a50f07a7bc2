// The console's first page: one's own key and money, the server for operators, how to use it, what
// went wrong last.

import { session } from '../../api/session.js';
import { texts } from '../../i18n/language.js';
import { Notice } from '../../ui/feedback.js';
import { NewestErrors } from './newest-errors.js';
import { OwnAccountPart } from './own-account.js';
import { ServerState } from './server-state.js';
import { SetUp } from './set-up.js';
import './overview.css';

const words = texts({
  en: {
    noKey:
      'You are signed in as the operator, without an API key of your own. To chat, sign in with a key as well; make one under API keys.',
  },
  zh: {
    noKey: '您以管理员身份登录，没有自己的 API 密钥。如需对话，请在“API 密钥”页面创建并用它登录。',
  },
});

export function OverviewPage() {
  const { value: who } = session;
  return (
    <>
      {who?.key ? (
        <OwnAccountPart />
      ) : (
        <section class="console-section">
          <Notice>{words().noKey}</Notice>
        </section>
      )}
      {who?.is_operator && <ServerState />}
      <SetUp />
      <NewestErrors />
    </>
  );
}
