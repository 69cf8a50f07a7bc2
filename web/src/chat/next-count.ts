// How many tokens the next request would hold, counted by the server a moment after the last change.

import { useEffect, useState } from 'preact/hooks';
import type { ConversationSettings, CountRequest, CountResult } from '../../../src/web/wire.js';
import { call } from '../api/http.js';

const WAIT_MS = 350;

export interface NextRequest {
  conversationId: string | null;
  parentId: string | null;
  content: string;
  fileIds: readonly string[];
  settings: ConversationSettings;
}

/** The last count; undefined while nothing is written, until there is one, and where the server could not tell. */
export function useNextCount(next: NextRequest): CountResult | undefined {
  const [count, setCount] = useState<CountResult>();
  const { conversationId, parentId, content, fileIds, settings } = next;
  const { model, thinking, system, tools, max_tokens: maxTokens } = settings;
  useEffect(() => {
    if (content.trim() === '' && fileIds.length === 0) {
      setCount(undefined);
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const body: CountRequest = {
        conversation_id: conversationId,
        parent_id: parentId,
        content,
        file_ids: [...fileIds],
        settings,
      };
      call<CountResult>('/web/v1/count', { method: 'POST', body, signal: abort.signal }).then(
        setCount,
        () => setCount(undefined), // the answer itself will say what is wrong
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [
    conversationId,
    parentId,
    content,
    fileIds.join(),
    model,
    thinking,
    system,
    tools.join(),
    maxTokens,
  ]);
  return count;
}
