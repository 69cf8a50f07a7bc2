// What a domain module is: a maker of tables, tools, rules and affordances that others can join to.
// The composer (world/) picks modules, wires offers to needs, applies the theme and the schema
// variants; a module knows none of the other modules. Source: agents reference §6.2.

import type { Random } from './random.js';
import type {
  Affordance,
  Bilingual,
  Column,
  Invariant,
  Row,
  RuleSpec,
  TableSpec,
  ToolSpec,
} from './world-types.js';

/** What one module gives another to refer to. */
export type Offer =
  'person' | 'organisation' | 'thing' | 'place' | 'money-account' | 'event' | 'document' | 'device';

/** Words of a theme. Renaming is all a theme does: it makes no environment distinct. */
export interface Theme {
  readonly id: string;
  readonly title: Bilingual;
  /** Theme words by meaning: `item` -> { en: 'vessel', zh: '船只' }; absent = the module's own. */
  readonly words: Readonly<Record<string, Bilingual>>;
}

export interface ModuleContext {
  /** A stream of the module's own. */
  readonly random: Random;
  readonly theme: Theme;
  /** The frozen present, a datetime. */
  readonly clock: string;
  /** The variant chosen for each axis the module declares. */
  readonly variant: Readonly<Record<string, string>>;
  /** Names that no other module of this environment uses; the theme's word for the meaning. */
  tableName(meaning: string, themeWord?: string): string;
  toolName(verb: string, ...meanings: string[]): string;
  /** How the table of this name reads. */
  label(tableName: string): Bilingual;
  /** New random id; says nothing of order or role. */
  id(prefix: string): string;
  /** A new proper name of its kind, different from all others of this environment. */
  properName(kind: 'person' | 'organisation' | 'place' | 'thing' | 'title'): Bilingual;
  /** The environment's name for a column of this meaning. */
  columnName(meaning: string): string;
  columnLabel(meaning: string): Bilingual;
  /** Which of the two scripts the names and texts in rows are in. */
  readonly dataLanguage: keyof Bilingual;
  /** Table of another module that was wired to this need; undefined = none in this environment. */
  joined(need: Offer): { readonly table: TableSpec; readonly rows: readonly Row[] } | undefined;
}

/** What the composer may change of a tool without taking an affordance away. */
export interface ToolFreedom {
  /** Whether the environment can do without it. */
  readonly leaveOut: boolean;
  /** Columns that the result may lack, because another tool shows them. */
  readonly hide: readonly string[];
}

/** A tool before the composer has narrowed it: its words and schema follow from what it becomes. */
export type ToolDraft = Omit<ToolSpec, 'description' | 'parameters'>;

export interface ModuleInstance {
  readonly tables: readonly TableSpec[];
  readonly rows: Readonly<Record<string, readonly Row[]>>;
  readonly tools: readonly ToolDraft[];
  readonly rules: readonly RuleSpec[];
  readonly invariants: readonly Invariant[];
  readonly affordances: readonly Affordance[];
  /** By tool name; absent = the tool stays as it is. */
  readonly freedom: Readonly<Record<string, ToolFreedom>>;
  /** Rules that the composer may drop, or leave to the agent's honesty. */
  readonly freeRules: readonly string[];
}

export interface DomainModule {
  readonly id: string;
  /** Which of its tables others may refer to, by offer: meaning of the table. */
  readonly offers: Readonly<Partial<Record<Offer, string>>>;
  /** What it can refer to; used where another module of the environment offers it. */
  readonly needs: readonly Offer[];
  /** Axes along which the schema differs, each with its variants: these make environments distinct. */
  readonly axes: Readonly<Record<string, readonly string[]>>;
  build(context: ModuleContext): ModuleInstance;
}

export type { Column };
