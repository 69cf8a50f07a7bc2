// The application: signs in, then shows the page of the address. Every page is a chunk of its own; the
// chat, which most visits open, is part of the first load.

import type { ComponentChildren } from 'preact';
import { ErrorBoundary, lazy, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../api/http.js';
import { session, startSession } from '../api/session.js';
import { ChatPage } from '../chat/chat-page.js';
import { Failure, Loading } from '../ui/feedback.js';
import { Toasts } from '../ui/toasts.js';
import { SignInPage } from '../sign-in/sign-in-page.js';
import { NotFoundPage } from './not-found-page.js';
import { Palette } from './palette.js';
import { Rail } from './rail.js';
import { SkipLink } from './skip-link.js';

const ComparePage = lazy(async () => (await import('../compare/compare-page.js')).ComparePage);
const ConsolePage = lazy(async () => (await import('../console/console-page.js')).ConsolePage);
const PlaygroundPage = lazy(
  async () => (await import('../playground/playground-page.js')).PlaygroundPage,
);
const DocsPage = lazy(async () => (await import('../docs/docs-page.js')).DocsPage);
const SelectionPage = lazy(
  async () => (await import('../selection/selection-page.js')).SelectionPage,
);
const SettingsPage = lazy(async () => (await import('../settings/settings-page.js')).SettingsPage);

type Start =
  { state: 'starting' } | { state: 'ready'; problem?: string } | { state: 'failed'; why: string };

export function App() {
  const [start, setStart] = useState<Start>({ state: 'starting' });
  const begin = () => {
    setStart({ state: 'starting' });
    startSession().then(
      (problem) => setStart({ state: 'ready', ...(problem !== undefined && { problem }) }),
      (error: unknown) => setStart({ state: 'failed', why: messageOf(error) }),
    );
  };
  useEffect(begin, []);
  if (start.state === 'starting') return <Loading />;
  const isSignedIn = start.state === 'ready' && session.value?.signed_in === true;
  return (
    <LocationProvider>
      {isSignedIn ? (
        <SignedIn />
      ) : (
        <SignedOut>
          {start.state === 'failed' ? (
            <Failure message={start.why} onRetry={begin} />
          ) : (
            <SignInPage problem={start.problem} />
          )}
        </SignedOut>
      )}
      <Toasts />
    </LocationProvider>
  );
}

/** The documentation is for everybody, also without a network; everything else asks who is there. */
function SignedOut({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  if (!/^\/docs(\/|$)/.test(path)) return <>{children}</>;
  return (
    <div class="app">
      <SkipLink />
      <Rail />
      <Router>
        <Route path="/docs" component={DocsPage} />
        <Route path="/docs/*" component={DocsPage} />
      </Router>
    </div>
  );
}

function SignedIn() {
  return (
    <div class="app">
      <SkipLink />
      <Rail />
      <ErrorBoundary>
        <Router>
          <Route path="/" component={ChatPage} />
          <Route path="/c/:id" component={ChatPage} />
          <Route path="/compare" component={ComparePage} />
          <Route path="/console" component={ConsolePage} />
          <Route path="/console/*" component={ConsolePage} />
          <Route path="/playground" component={PlaygroundPage} />
          <Route path="/playground/*" component={PlaygroundPage} />
          <Route path="/docs" component={DocsPage} />
          <Route path="/docs/*" component={DocsPage} />
          <Route path="/selection" component={SelectionPage} />
          <Route path="/selection/*" component={SelectionPage} />
          <Route path="/settings" component={SettingsPage} />
          <Route default component={NotFoundPage} />
        </Router>
      </ErrorBoundary>
      <Palette />
    </div>
  );
}
