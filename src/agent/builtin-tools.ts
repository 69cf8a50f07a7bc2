// The tools that the terminal chat offers so that something real happens: a calculator, a clock
// and a unit converter. Pure functions over their arguments; no network, no files, no shell.
// Arguments come from a model and are checked like any other hostile input.

import { evaluateExpression } from './calculator.js';
import { convertUnits } from './units.js';

export interface BuiltinTool {
  /** The `function` object of the API's tool definition, in the key order that reaches the prompt. */
  definition: {
    name: string;
    description: string;
    parameters: {
      type: 'object';
      properties: Record<string, { type: string; description: string }>;
      required: string[];
    };
  };
  /** Runs the tool. Throws ToolError with a text that the model may read. */
  run(args: Record<string, unknown>, now: Date): Record<string, unknown>;
}

/** A failure that is reported to the model as the tool's result. */
export class ToolError extends Error {
  override name = 'ToolError';
}

function text(args: Record<string, unknown>, key: string): string {
  const value = args[key];
  if (typeof value !== 'string' || value.trim() === '') {
    throw new ToolError(`argument '${key}' must be a non-empty string`);
  }
  return value.trim();
}

export const calculatorTool: BuiltinTool = {
  definition: {
    name: 'calculator',
    description: 'Evaluate an arithmetic expression.',
    parameters: {
      type: 'object',
      properties: {
        expression: { type: 'string', description: 'The expression, e.g. 12 * (3 + 4)' },
      },
      required: ['expression'],
    },
  },
  run: (args) => {
    const expression = text(args, 'expression');
    try {
      return { result: evaluateExpression(expression) };
    } catch (error) {
      throw new ToolError(error instanceof Error ? error.message : String(error));
    }
  },
};

export const clockTool: BuiltinTool = {
  definition: {
    name: 'get_time',
    description: 'Get the current date and time in a time zone.',
    parameters: {
      type: 'object',
      properties: { timezone: { type: 'string', description: 'IANA time zone, e.g. Europe/Oslo' } },
      required: [],
    },
  },
  run: (args, now) => {
    const timezone = args.timezone === undefined ? 'UTC' : text(args, 'timezone');
    let parts: Intl.DateTimeFormatPart[];
    try {
      parts = new Intl.DateTimeFormat('en-GB', {
        timeZone: timezone,
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        weekday: 'long',
        hourCycle: 'h23',
      }).formatToParts(now);
    } catch {
      // Intl throws a RangeError that names no fix.
      throw new ToolError(`unknown time zone '${timezone}'`);
    }
    const part = (type: string) => parts.find((entry) => entry.type === type)?.value ?? '';
    return {
      date: `${part('year')}-${part('month')}-${part('day')}`,
      time: `${part('hour')}:${part('minute')}`,
      weekday: part('weekday'),
    };
  },
};

export const unitTool: BuiltinTool = {
  definition: {
    name: 'convert_units',
    description: 'Convert a value from one unit to another.',
    parameters: {
      type: 'object',
      properties: {
        value: { type: 'number', description: 'The value to convert' },
        from: { type: 'string', description: 'Unit to convert from, e.g. km' },
        to: { type: 'string', description: 'Unit to convert to, e.g. mi' },
      },
      required: ['value', 'from', 'to'],
    },
  },
  run: (args) => {
    const value = typeof args.value === 'string' ? Number(args.value) : args.value;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new ToolError("argument 'value' must be a number");
    }
    const to = text(args, 'to');
    try {
      return { result: convertUnits(value, text(args, 'from'), to), unit: to };
    } catch (error) {
      throw new ToolError(error instanceof Error ? error.message : String(error));
    }
  },
};

export const BUILTIN_TOOLS: readonly BuiltinTool[] = [calculatorTool, clockTool, unitTool];
