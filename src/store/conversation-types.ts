// Conversations as this layer knows them: titles and places of conversations, messages as rows whose
// body only the web layer understands, and the files that questions refer to.

export interface ConversationRecord {
  id: string;
  title: string;
  folder: string | null;
  tags: string[];
  /** The last message of the branch that is shown. */
  headId: string | null;
  createdAt: Date;
  /** Of the last message; renaming and filing leave it. */
  updatedAt: Date;
}

export interface ConversationWithSettings extends ConversationRecord {
  /** JSON value of the web layer. */
  settings: unknown;
}

export interface ListedConversation extends ConversationRecord {
  /** The first message in which the searched text stands; undefined without one. */
  match: MessageRecord | undefined;
}

export interface MessageRecord {
  id: string;
  parentId: string | null;
  role: string;
  /** JSON object of the web layer. */
  body: unknown;
  createdAt: Date;
}

export interface NewMessageRecord extends MessageRecord {
  /** What search shall find; "" = nothing. */
  text: string;
  /** Files of the same conversation that the message holds. */
  fileIds: readonly string[];
}

export interface FileRecord {
  id: string;
  name: string;
  mediaType: string;
  bytes: number;
  characters: number;
  tokens: number;
}

export interface FileWithText extends FileRecord {
  text: string;
}

export interface ConversationQuery {
  /** Text that a title or a message holds, whatever its case. */
  query?: string;
  folder?: string;
  tag?: string;
  /** The place after which to go on, as `ConversationsPage.next` gave it. */
  after?: PagePlace;
  limit: number;
}

export interface PagePlace {
  /** Milliseconds since 1970. */
  updatedAt: number;
  id: string;
}

export interface ConversationsPage {
  conversations: ListedConversation[];
  /** undefined = this was the last. */
  next: PagePlace | undefined;
}

/** Absent = as it is. */
export interface ConversationEdit {
  title?: string;
  folder?: string | null;
  tags?: readonly string[];
  /** Given the settings of that moment; nobody changes them in between. */
  settings?: (settings: unknown) => unknown;
  headId?: string | null;
}
