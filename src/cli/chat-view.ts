// How a chat looks in a terminal: thinking dimmed, tool calls with their results, plain text when
// the output is no terminal or NO_COLOR is set. Writes only; knows no keyboard and no network.

import type { LoopEvent } from '../agent/tool-loop.js';

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}

const STYLES = { dim: '2', bold: '1', cyan: '36', red: '31' } as const;

/** Escape sequences in a model's text could move the cursor or set the title: show them as text. */
export function withoutControls(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) =>
    character === '\r' ? '' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export class ChatView {
  private section: 'none' | 'reasoning' | 'content' = 'none';
  private readonly hasStyle: boolean;

  /** Errors go to `errors`, so that a script does not take them for an answer. */
  constructor(
    private readonly output: Output,
    private readonly errors: Output = output,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.hasStyle = output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  }

  style(name: keyof typeof STYLES, text: string): string {
    return this.hasStyle ? `\x1b[${STYLES[name]}m${text}\x1b[0m` : text;
  }

  line(text = ''): void {
    this.output.write(`${text}\n`);
  }

  notice(text: string): void {
    this.line(this.style('dim', text));
  }

  error(text: string): void {
    this.endSection();
    this.errors.write(`${this.style('red', withoutControls(text))}\n`);
  }

  /** Ends the current paragraph, so that what follows starts on its own line. */
  endSection(): void {
    if (this.section !== 'none') this.output.write('\n');
    this.section = 'none';
  }

  show(event: LoopEvent): void {
    switch (event.type) {
      case 'reasoning-delta':
        this.enter('reasoning', this.hasStyle ? '' : '[thinking] ');
        this.output.write(this.style('dim', withoutControls(event.text)));
        break;
      case 'content-delta':
        this.enter('content', '');
        this.output.write(withoutControls(event.text));
        break;
      case 'tool-call':
        this.endSection();
        this.output.write(
          withoutControls(
            `  ${this.hasStyle ? '' : '[tool] '}${event.call.function.name}(${compactArguments(event.call.function.arguments)})`,
          ).replace(event.call.function.name, (name) => this.style('cyan', name)),
        );
        break;
      case 'tool-result':
        this.line(
          ` -> ${this.style(event.isError ? 'red' : 'bold', withoutControls(event.content))}`,
        );
        break;
      case 'finish':
        this.endSection();
        this.explainFinish(event.reason);
        break;
      default:
        event satisfies never;
    }
  }

  private enter(section: 'reasoning' | 'content', label: string): void {
    if (this.section === section) return;
    this.endSection();
    this.section = section;
    this.output.write(label);
  }

  private explainFinish(reason: string): void {
    const texts: Record<string, string> = {
      length: 'The answer was cut at the token limit.',
      tool_rounds: 'Stopped after too many rounds of tool calls.',
      insufficient_system_resource: 'The engine was interrupted; please try again.',
      content_filter: 'The answer was withheld by a content filter.',
    };
    if (texts[reason]) this.notice(texts[reason]);
  }
}

/** `{"value": 5, "to": "mi"}` -> `value: 5, to: "mi"`; anything else is shown as it is. */
function compactArguments(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return Object.entries(value)
        .map(([key, entry]) => `${key}: ${JSON.stringify(entry)}`)
        .join(', ');
    }
  } catch {
    // A model's arguments need not be JSON.
  }
  return text;
}
