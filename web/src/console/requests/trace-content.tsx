// The body of a request and its reply, fetched when somebody opens them; or why they are not there.

import { useEffect, useState } from 'preact/hooks';
import type { ContentGap, RequestContent } from '../../../../src/web/requests-wire.js';
import { call, messageOf } from '../../api/http.js';
import { texts } from '../../i18n/language.js';
import { CopyButton } from '../../ui/copy-button.js';
import { Failure, Loading, Notice } from '../../ui/feedback.js';

const words = texts({
  en: {
    request: 'Request',
    reply: 'Reply',
    reasoning: 'Thinking',
    content: 'Answer',
    calls: 'Tool calls',
    cut: 'The reply was longer than what is kept of it.',
    gaps: {
      off: 'This server keeps no bodies and no replies (--no-request-log).',
      'too-large': 'It was too large to be kept in memory.',
      dropped: 'It made room for newer requests.',
      none: 'There was none.',
      running: 'The request is still running.',
    },
  },
  zh: {
    request: '请求',
    reply: '回复',
    reasoning: '思考',
    content: '回答',
    calls: '工具调用',
    cut: '回复过长，只保留了前一部分。',
    gaps: {
      off: '本服务器不保留请求体与回复（--no-request-log）。',
      'too-large': '内容过大，未保留在内存中。',
      dropped: '已为更新的请求让出空间。',
      none: '没有内容。',
      running: '请求仍在进行中。',
    },
  },
});

export function TraceContent({ traceId, isEnded }: { traceId: string; isEnded: boolean }) {
  const t = words();
  const [content, setContent] = useState<RequestContent>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const leave = new AbortController();
    call<RequestContent>(`/web/v1/requests/${traceId}/body`, { signal: leave.signal }).then(
      setContent,
      (error: unknown) => {
        if (!leave.signal.aborted) setProblem(messageOf(error));
      },
    );
    return () => leave.abort();
  }, [traceId, isEnded]);
  if (problem !== undefined) return <Failure message={problem} />;
  if (!content) return <Loading />;
  const { request, request_gap: requestGap, reply, reply_gap: replyGap } = content;
  return (
    <div class="trace-content">
      <section class="card padded stack" aria-label={t.request}>
        <h3>{t.request}</h3>
        {request === null ? <Gap gap={requestGap} /> : <Text text={pretty(request)} />}
      </section>
      <section class="card padded stack" aria-label={t.reply}>
        <h3>{t.reply}</h3>
        {reply === null && <Gap gap={replyGap} />}
        {reply?.is_cut && <Notice kind="warn">{t.cut}</Notice>}
        {reply && reply.reasoning !== '' && <Text title={t.reasoning} text={reply.reasoning} />}
        {reply && reply.content !== '' && <Text title={t.content} text={reply.content} />}
        {reply?.tool_calls.map(({ id, name, arguments: text }) => (
          <Text key={id} title={`${t.calls}: ${name}`} text={pretty(text)} />
        ))}
        {reply && isSilent(reply) && <p class="soft">{t.gaps.none}</p>}
      </section>
    </div>
  );
}

function Gap({ gap }: { gap: ContentGap | null }) {
  return <p class="soft">{words().gaps[gap ?? 'none']}</p>;
}

function isSilent(reply: NonNullable<RequestContent['reply']>): boolean {
  return reply.reasoning === '' && reply.content === '' && reply.tool_calls.length === 0;
}

function Text({ title, text }: { title?: string; text: string }) {
  return (
    <div class="kept-text">
      <div class="row spread">
        <h4 class="soft small">{title}</h4>
        <CopyButton text={() => text} />
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // what is no JSON is shown as it came
  }
}
