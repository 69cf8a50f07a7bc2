// What a tool gave back, as the text that the model reads. The model reads text only, so other content
// is named; and long output is cut, because it would fill the window.

import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/sdk/types.js';
import type { ToolOutcome } from '../tool.js';

export function outcomeOf(result: CallToolResult, maxCharacters: number): ToolOutcome {
  const { content, structuredContent, isError = false } = result;
  const text =
    content.length === 0 && structuredContent
      ? JSON.stringify(structuredContent)
      : content.map(textOf).join('\n');
  return { ...cutText(text, maxCharacters), isError };
}

/** With a sentence that says so, for a model that takes a part for the whole answers wrongly. */
export function cutText(
  text: string,
  maxCharacters: number,
): Pick<ToolOutcome, 'content' | 'fullLength'> {
  const { length } = text;
  if (length <= maxCharacters) return { content: text, fullLength: null };
  const kept = text.slice(0, maxCharacters).replace(/[\ud800-\udbff]$/, '');
  const notice = `[Cut: these are the first ${kept.length} of ${length} characters. Ask for less to see the rest.]`;
  return { content: `${kept}\n${notice}`, fullLength: length };
}

function textOf(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image':
    case 'audio':
      return `[${block.type} of type ${block.mimeType}, which this model cannot see]`;
    case 'resource_link':
      return `[resource ${block.name}: ${block.uri}]`;
    case 'resource': {
      const { resource } = block;
      return 'text' in resource
        ? resource.text
        : `[resource ${resource.uri} of type ${resource.mimeType ?? 'unknown'}, not text]`;
    }
  }
}
