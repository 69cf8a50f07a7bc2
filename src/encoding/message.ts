// The one internal message union. Protocol layers translate into it; the encoder renders it.

/** A tool definition; `function` is kept as an ordered JSON document because its keys and their
 *  order reach the prompt (encoding reference, sections 4 and 11). */
export interface ToolDefinition {
  type: 'function';
  /** The whole `function` object, order- and lexeme-preserving (see json.ts). */
  function: import('./json.js').JsonValue;
}

export interface ToolCall {
  id: string;
  name: string;
  /** A JSON text holding an object. */
  arguments: string;
}

export interface SystemMessage {
  role: 'system';
  content: string;
  tools?: ToolDefinition[];
  responseFormat?: import('./json.js').JsonValue;
}

export interface DeveloperMessage {
  role: 'developer';
  content: string;
  tools?: ToolDefinition[];
  responseFormat?: import('./json.js').JsonValue;
}

export interface UserMessage {
  role: 'user';
  content: string;
}

export interface AssistantMessage {
  role: 'assistant';
  content: string;
  reasoningContent?: string;
  toolCalls?: ToolCall[];
  /** Chat prefix completion: the turn is left open for the model to continue. */
  prefix?: boolean;
}

export interface ToolMessage {
  role: 'tool';
  content: string;
  toolCallId: string;
}

export type Message =
  SystemMessage | DeveloperMessage | UserMessage | AssistantMessage | ToolMessage;

export type ThinkingMode = 'thinking' | 'chat';
