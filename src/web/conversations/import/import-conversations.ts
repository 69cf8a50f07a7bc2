// POST /conversations/import: what kind of file it is, and one conversation or many out of it. All
// of the file is understood before anything is kept; what it holds and we do not is counted.

import { WebError } from '../../web-error.js';
import type { WebHost } from '../../web-host.js';
import type { ImportResult, LeftOut } from '../../wire.js';
import { settingsChangeSchema } from '../settings.js';
import type { ConversationStore, WholeConversation } from '../conversation-store.js';
import { isHadalExport, readHadal } from './read-hadal.js';
import { isMessageList, readMessageList } from './read-message-list.js';
import { isTreeExport, readTree } from './read-tree.js';

export interface ImportContext {
  now: Date;
  /** Notes that so many things of a kind are not taken. */
  leaveOut(kind: LeftOut['kind'], count?: number): void;
}

const MAX_CONVERSATIONS = 5_000;

export async function importConversations({
  store,
  host,
  keyId,
  given,
}: {
  store: ConversationStore;
  host: Pick<WebHost, 'now'>;
  keyId: string;
  /** The JSON of the file. */
  given: unknown;
}): Promise<ImportResult> {
  const leftOut = new Map<LeftOut['kind'], number>();
  const context: ImportContext = {
    now: new Date(host.now()),
    leaveOut: (kind, count = 1) => {
      if (count > 0) leftOut.set(kind, (leftOut.get(kind) ?? 0) + count);
    },
  };
  const whole = readAll(given, context);
  const data = [];
  for (const conversation of whole) {
    const {
      messages: _,
      settings: __,
      head_id: ___,
      ...summary
    } = await store.createWhole(keyId, conversation);
    data.push(summary);
  }
  return { data, left_out: [...leftOut].map(([kind, count]) => ({ kind, count })) };
}

/** @throws WebError 400 */
function readAll(given: unknown, context: ImportContext): WholeConversation[] {
  // A bare list is one conversation; any other list is of conversations.
  if (Array.isArray(given) && isMessageList(given)) return [readOne(given, context)];
  const items = Array.isArray(given) ? given : [given];
  if (items.length === 0 || items.length > MAX_CONVERSATIONS) {
    throw new WebError(
      400,
      `the file holds ${items.length} conversations; 1 to ${MAX_CONVERSATIONS} are taken at once`,
    );
  }
  return items.map((item, index) => {
    try {
      return readOne(item, context);
    } catch (error) {
      if (items.length === 1) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new WebError(400, `conversation ${index + 1} of the file: ${reason}`, { cause: error });
    }
  });
}

function readOne(item: unknown, context: ImportContext): WholeConversation {
  const whole = readAny(item, context);
  settingsChangeSchema.parse(whole.settings);
  return whole;
}

function readAny(item: unknown, context: ImportContext): WholeConversation {
  if (isHadalExport(item)) return readHadal(item, context);
  if (isTreeExport(item)) return readTree(item, context);
  if (isMessageList(item)) return readMessageList(item, context);
  throw new WebError(
    400,
    'this is no conversation: it is neither an export of Hadal (JSON), nor a list of messages with ' +
      'role and content, nor conversations.json of a ChatGPT or DeepSeek export',
  );
}
