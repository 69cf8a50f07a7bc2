// What a synthesised environment is: tables with a frozen clock, tools as data, rules in machine form,
// and the affordances that task families build on. Plain JSON throughout; numbers are whole (money in
// minor units), times are ISO text. Source: agents reference §2 and §6.

/** A value of a column. Numbers are whole. */
export type Value = null | boolean | number | string;
export type Row = Readonly<Record<string, Value>>;
export type Json = Value | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Two languages, always together: every text that a task shows exists in both. */
export interface Bilingual {
  readonly en: string;
  readonly zh: string;
}

/** `money` is in minor units, `date` is YYYY-MM-DD, `datetime` is YYYY-MM-DDTHH:MM. */
export type ColumnType =
  'id' | 'ref' | 'text' | 'int' | 'money' | 'enum' | 'bool' | 'date' | 'datetime';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** What it stands for, the same in every environment (`price`, `capacity`, `city`): families and
   *  texts go by it, while `name` is themed. */
  readonly meaning: string;
  readonly label: Bilingual;
  /** Of `ref`: the table whose key it holds. */
  readonly references?: string;
  /** Of `enum`. */
  readonly values?: readonly string[];
  /** How an enum value reads, by value. */
  readonly valueLabels?: Readonly<Record<string, Bilingual>>;
  readonly nullable?: boolean;
  readonly unique?: boolean;
  /** No tool returns it. */
  readonly hidden?: boolean;
}

export interface TableSpec {
  readonly name: string;
  /** Its part in the module that made it (`account`, `slot`, `edge`), the same in every environment. */
  readonly meaning: string;
  readonly module: string;
  readonly label: Bilingual;
  /** The column of type `id`. Ids are random text: they say nothing about order or role. */
  readonly key: string;
  readonly columns: readonly Column[];
  /** Whether any tool shows its rows. */
  readonly visible: boolean;
}

/** Rows by table, each list sorted by key. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

/** A condition on rows that holds before and after every correct write. */
export interface Invariant {
  readonly id: string;
  readonly check: Expr;
  /** True where no call of a tool can break it; otherwise it holds at the start and it is up to the agent. */
  readonly kept?: boolean;
}

/** One clause of a policy. */
export interface RuleSpec {
  readonly id: string;
  readonly module: string;
  /** True where the write is allowed. Over `args` (the tool call) and the state before it. */
  readonly allows: Expr;
  /** Writes it speaks about, by tool name. */
  readonly tools: readonly string[];
  /** Whether the tool itself refuses, or trusts the agent (then only a verifier notices). */
  readonly enforced: boolean;
  /** What the tool answers when it refuses. */
  readonly errorCode: string;
  /** Said with the code in the place of the text, where the tool does not tell its reasons. */
  readonly refusal?: Bilingual;
  readonly text: Bilingual;
}

export interface ToolSpec {
  readonly name: string;
  readonly description: Bilingual;
  /** JSON Schema of the arguments: an object, additionalProperties false. */
  readonly parameters: JsonObject;
  readonly effect: 'read' | 'write' | 'generic';
  /** Data, not code: which archetype with which arguments (tools/archetypes.ts). */
  readonly impl: ToolImpl;
  readonly errorCodes: readonly string[];
  /** Whether the simulated user holds it rather than the agent. */
  readonly side: 'agent' | 'user';
}

/** How one argument of a read narrows the rows. */
export interface Filter {
  readonly param: string;
  readonly column: string;
  readonly op: 'eq' | 'ge' | 'le' | 'contains';
  readonly required: boolean;
}

/**
 * The archetypes. `table`, `column` and `key` are names of the environment's tables; `returns` lists
 * the columns that the result shows. Families plan with these, tools/ runs them.
 */
export type ToolImpl =
  // --- reads
  | { archetype: 'get'; table: string; param: string; returns: readonly string[] }
  | { archetype: 'get-by'; table: string; filter: Filter; returns: readonly string[] }
  | {
      archetype: 'find';
      table: string;
      filters: readonly Filter[];
      returns: readonly string[];
      sort: string;
      pageSize: number;
    }
  | {
      archetype: 'children';
      table: string;
      parentColumn: string;
      param: string;
      returns: readonly string[];
      sort: string;
      pageSize: number;
    }
  | {
      archetype: 'search-text';
      table: string;
      textColumns: readonly string[];
      param: string;
      returns: readonly string[];
      pageSize: number;
    }
  | { archetype: 'read-field'; table: string; param: string; column: string }
  | { archetype: 'list-values'; table: string; column: string }
  | { archetype: 'count'; table: string; filters: readonly Filter[] }
  | {
      archetype: 'extreme';
      table: string;
      filters: readonly Filter[];
      column: string;
      order: 'min' | 'max';
      returns: readonly string[];
    }
  | {
      archetype: 'neighbours';
      edgeTable: string;
      from: string;
      to: string;
      returns: readonly string[];
      param: string;
    }
  | {
      archetype: 'availability';
      resourceTable: string;
      bookingTable: string;
      resourceColumn: string;
      startColumn: string;
      endColumn: string;
      statusColumn: string | null;
      /** Bookings that count while they have one of these states. */
      activeStates: readonly string[];
    }
  | { archetype: 'compare'; table: string; param: string; columns: readonly string[] }
  | {
      archetype: 'history';
      table: string;
      parentColumn: string;
      timeColumn: string;
      param: string;
      returns: readonly string[];
      pageSize: number;
    }
  // --- writes
  | { archetype: 'create'; table: string; params: readonly ParamColumn[]; defaults: Row }
  | { archetype: 'update'; table: string; param: string; params: readonly ParamColumn[] }
  | { archetype: 'delete'; table: string; param: string }
  | {
      archetype: 'transition';
      table: string;
      param: string;
      column: string;
      from: readonly string[];
      to: string;
      /** Column that gets the clock's time, if any. */
      stampColumn: string | null;
    }
  | {
      archetype: 'transfer';
      table: string;
      fromParam: string;
      toParam: string;
      amountParam: string;
      column: string;
      /** Lowest balance that may be left. */
      floor: number;
      /** Table that gets a record of it, if any. */
      log: { table: string; from: string; to: string; amount: string; time: string } | null;
    }
  | {
      archetype: 'adjust';
      table: string;
      param: string;
      amountParam: string;
      column: string;
      min: number;
      max: number;
    }
  | {
      archetype: 'book';
      resourceTable: string;
      bookingTable: string;
      resourceColumn: string;
      ownerColumn: string;
      startColumn: string;
      endColumn: string;
      capacityColumn: string | null;
      statusColumn: string;
      activeStates: readonly string[];
      defaults: Row;
    }
  | {
      archetype: 'assign';
      table: string;
      param: string;
      column: string;
      targetTable: string;
      targetParam: string;
    }
  | { archetype: 'unassign'; table: string; param: string; column: string }
  | {
      archetype: 'link';
      table: string;
      leftColumn: string;
      rightColumn: string;
      leftParam: string;
      rightParam: string;
    }
  | {
      archetype: 'unlink';
      table: string;
      leftColumn: string;
      rightColumn: string;
      leftParam: string;
      rightParam: string;
    }
  | {
      archetype: 'move-quantity';
      table: string;
      fromParam: string;
      toParam: string;
      amountParam: string;
      column: string;
    }
  | {
      archetype: 'post-message';
      table: string;
      params: readonly ParamColumn[];
      timeColumn: string;
      defaults: Row;
    }
  | { archetype: 'set-flag'; table: string; param: string; column: string; value: boolean }
  // --- devices (agent or user side)
  | { archetype: 'read-setting'; table: string; param: string; column: string }
  | { archetype: 'toggle-setting'; table: string; param: string; column: string }
  | { archetype: 'set-setting'; table: string; param: string; column: string; valueParam: string }
  | { archetype: 'reboot'; table: string; param: string; resets: Row }
  | {
      archetype: 'probe';
      table: string;
      param: string;
      /** What works, over `row`. */ works: Expr;
      ok: string;
      broken: string;
    }
  // --- programs: source texts in a column, tests in another table (programs/)
  /** A page of the lines of a text. */
  | { archetype: 'read-lines'; table: string; param: string; column: string; linesPerPage: number }
  /** Puts a text in the place of one that occurs exactly once. */
  | {
      archetype: 'replace-text';
      table: string;
      param: string;
      column: string;
      oldParam: string;
      newParam: string;
    }
  /** Runs the tests of a file in the isolate, over the files of its folder as they are now. */
  | {
      archetype: 'run-tests';
      table: string;
      param: string;
      path: string;
      source: string;
      testTable: string;
      file: string;
      name: string;
      args: string;
      result: string;
    }
  /** Works something out over the rows: behaviour of a tool's own, in a language that cannot write. */
  | {
      archetype: 'compute';
      params: readonly ComputeParam[];
      /** Over `args` and the rows as they are; a plain value or a list of such. */
      result: Expr;
      about: Bilingual;
    }
  // --- generic
  | { archetype: 'calculate' }
  | { archetype: 'current-time' }
  | { archetype: 'date-add' }
  | { archetype: 'note-write' }
  | { archetype: 'note-read' }
  | { archetype: 'list-policies' }
  | { archetype: 'escalate'; reasonParam: string }
  | { archetype: 'submit'; schemaParam: string }
  | { archetype: 'run-code'; language: 'javascript' };

export interface ComputeParam {
  readonly param: string;
  readonly type: 'text' | 'integer' | 'boolean';
  readonly about: string;
}

export interface ParamColumn {
  readonly param: string;
  readonly column: string;
  readonly required: boolean;
}

/**
 * A small language over states: every check of a verifier, every rule and invariant is one. Arrays
 * name the operation first. `db` is `before` (when the task began) or `after`; rules and probes see
 * `before` only. Missing things are null; comparisons with null are false; nothing throws.
 */
export type Expr =
  | { op: 'const'; value: Json }
  /** A variable bound by `where`, `every`, `some` (a row) or given from outside (`args`, `submission`). */
  | { op: 'var'; name: string }
  | { op: 'field'; of: Expr; name: string }
  | { op: 'item'; of: Expr; index: Expr }
  | { op: 'row'; db: 'before' | 'after'; table: string; key: Expr }
  | { op: 'rows'; db: 'before' | 'after'; table: string }
  | { op: 'where'; of: Expr; as: string; check: Expr }
  | { op: 'map'; of: Expr; as: string; to: Expr }
  | { op: 'every' | 'some'; of: Expr; as: string; check: Expr }
  | { op: 'count' | 'sum' | 'min' | 'max' | 'distinct' | 'sorted'; of: Expr }
  /** Names of the fields of an object, so that a check can refuse what it does not know. */
  | { op: 'keys'; of: Expr }
  | { op: 'and' | 'or'; of: readonly Expr[] }
  | { op: 'not'; of: Expr }
  | {
      op: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'contains' | 'same-set';
      left: Expr;
      right: Expr;
    }
  | { op: '+' | '-' | '*' | 'div' | 'mod'; left: Expr; right: Expr }
  | { op: 'days-between'; left: Expr; right: Expr }
  | { op: 'if'; check: Expr; then: Expr; else: Expr };

/** What families can do in an environment, found by modules when they are composed. */
export type Affordance =
  /** Things with a cost and attributes, to choose among. */
  | {
      kind: 'selectable';
      table: string;
      name: string;
      cost: string;
      /** enum, int or bool columns that constraints may speak of. */
      attributes: readonly string[];
      /** An enum or ref column that splits the things into places or kinds, if any. */
      group: string | null;
    }
  /** A status with moves. */
  | {
      kind: 'workflow';
      table: string;
      column: string;
      moves: readonly { from: readonly string[]; to: string; tool: string }[];
    }
  /** Columns that an update tool sets. */
  | { kind: 'editable'; table: string; tool: string; columns: readonly string[] }
  /** Balances that a transfer or adjust tool moves. */
  | { kind: 'balance'; table: string; column: string; tool: string }
  /** Quantities kept at places. */
  | { kind: 'stock'; table: string; item: string; place: string; quantity: string; tool: string }
  /** A resource that is taken for a span of time. */
  | {
      kind: 'booking';
      resourceTable: string;
      bookingTable: string;
      resource: string;
      owner: string;
      start: string;
      end: string;
      capacity: string | null;
      status: string;
      bookTool: string;
      cancelTool: string;
      availabilityTool: string;
    }
  /** Jobs that people or machines with the right skill are assigned to. */
  | {
      kind: 'assignment';
      jobTable: string;
      job: { start: string; end: string; needs: string; assignee: string };
      workerTable: string;
      worker: { skill: string; limit: string };
      tool: string;
    }
  /** Places and connections with a cost. */
  | {
      kind: 'graph';
      nodeTable: string;
      nodeName: string;
      edgeTable: string;
      from: string;
      to: string;
      cost: string;
      tool: string;
    }
  /** Documents with clauses that carry numbers; newer ones supersede older ones. */
  | {
      kind: 'documents';
      table: string;
      title: string;
      body: string;
      issued: string;
      supersedes: string;
      clauseTable: string;
      searchTool: string;
      readTool: string;
    }
  /** Rows to be filtered, counted and added up. */
  | {
      kind: 'measure';
      table: string;
      measure: string;
      filters: readonly string[];
      time: string | null;
    }
  /** A total in a parent row that must equal the sum over its children. */
  | {
      kind: 'total';
      parentTable: string;
      total: string;
      childTable: string;
      parent: string;
      amount: string;
      fixTool: string;
    }
  /** A device whose function depends on its settings; the user holds some of the tools. */
  | {
      kind: 'device';
      table: string;
      owner: string;
      works: Expr;
      settings: readonly { column: string; good: Value; fixTool: string; side: 'agent' | 'user' }[];
      probeTool: string;
    }
  /** Programs kept as source files, with tests that show some of what they must do. */
  | {
      kind: 'programs';
      fileTable: string;
      path: string;
      source: string;
      testTable: string;
      /** Columns of a test: the file whose default export it calls, its name, and both as JSON text. */
      file: string;
      name: string;
      args: string;
      result: string;
      findTool: string;
      readTool: string;
      replaceTool: string;
      testTool: string;
      /** Says of a file that the policy does not let it be changed, if any. */
      frozen: string | null;
      /** Which of the library each is, by the folder that holds it (programs/library.ts). */
      programs: readonly { id: string; folder: string; seed: number }[];
      /** What its names are made of. */
      words: { thing: string; person: string; place: string };
    }
  /** Who may do what. */
  | { kind: 'permission'; accountTable: string; role: string; rule: string };

export interface Environment {
  /** `booking+ledger+documents/harbour-0412` */
  readonly id: string;
  readonly version: string;
  readonly generator: { readonly name: string; readonly version: string; readonly seed: number };
  readonly modules: readonly string[];
  readonly theme: string;
  /** Structural hash, independent of names and seeds (agents reference §6.5). */
  readonly fingerprint: string;
  /** The frozen present, a datetime. */
  readonly clock: string;
  readonly tables: readonly TableSpec[];
  readonly tools: readonly ToolSpec[];
  readonly rules: readonly RuleSpec[];
  readonly invariants: readonly Invariant[];
  readonly affordances: readonly Affordance[];
  /** Shown in the system prompt. */
  readonly policy: Bilingual;
  readonly limits: {
    readonly maxTurns: number;
    readonly maxToolCalls: number;
    readonly wallMs: number;
  };
  readonly license: string;
  readonly rows: Tables;
}
