// The playground: every endpoint of the API, its request as a form and as text, its answer as it came.
// Sends with the page's session, and only when the button is pressed.

import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Catalog } from '../../../src/web/wire.js';
import { call } from '../api/http.js';
import { session } from '../api/session.js';
import { useLoad } from '../console/use-load.js';
import { language, texts } from '../i18n/language.js';
import { endpointOf, ENDPOINTS } from '../lib/playground-endpoints.js';
import { NotFoundPage } from '../shell/not-found-page.js';
import { Page } from '../shell/page.js';
import { Notice } from '../ui/feedback.js';
import { takeLinkedDraft } from './draft.js';
import { shownExchange } from './exchange.js';
import { PlaygroundNav } from './playground-nav.js';
import { RequestPanel } from './request-panel.js';
import { ResponsePanel } from './response-panel.js';
import '../console/console.css';
import './playground.css';

const words = texts({
  en: {
    noKey:
      'You are signed in as the operator, without an API key of your own: requests are answered with 401. Sign in with a key as well.',
  },
  zh: {
    noKey: '您以管理员身份登录，没有自己的 API 密钥，请求将返回 401。请同时用密钥登录。',
  },
});

export function PlaygroundPage() {
  const { path, route } = useLocation();
  const [, , id = ''] = path.split('/');
  const endpoint = id === '' ? ENDPOINTS[0] : endpointOf(id);
  const { value: catalog } = useLoad((signal) => call<Catalog>('/web/v1/catalog', { signal }));
  useEffect(() => {
    if (endpoint) takeLinkedDraft(endpoint);
  }, [endpoint]);
  if (!endpoint) return <NotFoundPage />;
  const exchange = shownExchange.value;
  return (
    <Page
      title={endpoint.title[language.value]}
      sidebar={<PlaygroundNav current={endpoint} onOpen={(to) => route(`/playground/${to}`)} />}
    >
      {session.value?.key === null && (
        <div class="play-notice">
          <Notice kind="warn">{words().noKey}</Notice>
        </div>
      )}
      <div class="play-columns">
        <RequestPanel endpoint={endpoint} catalog={catalog} />
        <ResponsePanel
          exchange={exchange?.request.endpoint === endpoint.id ? exchange : undefined}
        />
      </div>
    </Page>
  );
}
