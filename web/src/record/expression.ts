/**
 * The part of the expression language that the web UI reads: it shows saved filters in the filter
 * builder and decides which actions a record offers. What it cannot read is left to the server.
 */
export type Literal =
  | string
  | number
  | boolean
  | null
  /** `@today`, or `@today` so many days later. */
  | { variable: string; days?: number };

export type Expression =
  | { kind: 'and' | 'or'; items: Expression[] }
  | { kind: 'not'; item: Expression }
  | { kind: 'compare'; operator: Comparison; field: string; value: Literal }
  | { kind: 'call'; name: string; field: string; value: Literal }
  | { kind: 'in'; field: string; values: Literal[] }
  /** One of the values of a field with several values equals this one. */
  | { kind: 'any'; field: string; value: Literal };

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
const comparisons = new Set<string>(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);

type Token =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'moment'; value: string }
  | { kind: 'word'; value: string }
  | { kind: 'days'; value: number }
  | { kind: '(' | ')' | ',' | ':' };

const pattern =
  /\s*(?:duration'P(\d+)D'|'((?:[^']|'')*)'|(\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)|(-?\d+(?:\.\d+)?)|(@?[A-Za-z_][\w/]*)|([(),:]))/y;

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.slice(at).trim() === '') break;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return null;
    at = pattern.lastIndex;
    const [, days, quoted, moment, number, word, mark] = match;
    if (days !== undefined) tokens.push({ kind: 'days', value: Number(days) });
    else if (quoted !== undefined) {
      tokens.push({ kind: 'text', value: quoted.replaceAll("''", "'") });
    } else if (moment) tokens.push({ kind: 'moment', value: moment });
    else if (number) tokens.push({ kind: 'number', value: Number(number) });
    else if (word) tokens.push({ kind: 'word', value: word });
    else tokens.push({ kind: mark as '(' | ')' | ',' | ':' });
  }
  return tokens;
}

class Unreadable extends Error {}

class Parser {
  private at = 0;
  private readonly tokens: Token[];
  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  parse(): Expression {
    const result = this.either();
    if (this.at < this.tokens.length) throw new Unreadable();
    return result;
  }

  private word(value: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word' || token.value !== value) return false;
    this.at++;
    return true;
  }
  private expect(kind: '(' | ')' | ',' | ':'): void {
    if (this.tokens[this.at++]?.kind !== kind) throw new Unreadable();
  }
  private either(): Expression {
    const items = [this.both()];
    while (this.word('or')) items.push(this.both());
    return items.length === 1 ? items[0] : { kind: 'or', items };
  }
  private both(): Expression {
    const items = [this.single()];
    while (this.word('and')) items.push(this.single());
    return items.length === 1 ? items[0] : { kind: 'and', items };
  }
  private single(): Expression {
    if (this.word('not')) return { kind: 'not', item: this.single() };
    if (this.tokens[this.at]?.kind === '(') {
      this.at++;
      const inner = this.either();
      this.expect(')');
      return inner;
    }
    const token = this.tokens[this.at++];
    if (token?.kind !== 'word') throw new Unreadable();
    if (this.tokens[this.at]?.kind === '(') return this.call(token.value);
    return this.comparison(token.value);
  }
  private call(name: string): Expression {
    if (name.endsWith('/any')) return this.any(name.slice(0, -'/any'.length));
    if (!['contains', 'startswith', 'endswith'].includes(name)) throw new Unreadable();
    this.expect('(');
    const field = this.tokens[this.at++];
    if (field?.kind !== 'word') throw new Unreadable();
    this.expect(',');
    const value = this.literal();
    this.expect(')');
    return { kind: 'call', name, field: field.value, value };
  }
  private any(field: string): Expression {
    this.expect('(');
    const name = this.tokens[this.at++];
    this.expect(':');
    const inner = this.single();
    this.expect(')');
    if (
      name?.kind !== 'word' ||
      inner.kind !== 'compare' ||
      inner.operator !== 'eq' ||
      inner.field !== name.value
    ) {
      throw new Unreadable();
    }
    return { kind: 'any', field, value: inner.value };
  }
  private comparison(field: string): Expression {
    const token = this.tokens[this.at++];
    if (token?.kind !== 'word') throw new Unreadable();
    if (token.value === 'in') {
      this.expect('(');
      const values = [this.literal()];
      while (this.tokens[this.at]?.kind === ',') {
        this.at++;
        values.push(this.literal());
      }
      this.expect(')');
      return { kind: 'in', field, values };
    }
    if (!comparisons.has(token.value)) throw new Unreadable();
    return { kind: 'compare', operator: token.value as Comparison, field, value: this.literal() };
  }
  private literal(): Literal {
    const token = this.tokens[this.at++];
    if (!token) throw new Unreadable();
    if (token.kind === 'text' || token.kind === 'number' || token.kind === 'moment') {
      return token.value;
    }
    if (token.kind !== 'word') throw new Unreadable();
    if (token.value === 'null') return null;
    if (token.value === 'true') return true;
    if (token.value === 'false') return false;
    if (token.value.startsWith('@')) {
      const variable = token.value.slice(1);
      const sign = this.word('add') ? 1 : this.word('sub') ? -1 : 0;
      if (sign === 0) return { variable };
      const days = this.tokens[this.at++];
      if (days?.kind !== 'days') throw new Unreadable();
      return { variable, days: sign * days.value };
    }
    throw new Unreadable();
  }
}

/** Null when the text uses more of the language than this side knows. */
export function parseExpression(text: string): Expression | null {
  const tokens = tokenize(text);
  if (!tokens || tokens.length === 0) return null;
  try {
    return new Parser(tokens).parse();
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

export type Variables = Record<string, string | number | null>;

function resolve(value: Literal, variables: Variables): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const found = variables[value.variable] ?? null;
  if (!value.days || typeof found !== 'string') return found;
  const day = Date.parse(`${found.slice(0, 10)}T00:00:00Z`) + value.days * 86_400_000;
  return new Date(day).toISOString().slice(0, 10);
}

export function evaluate(
  expression: Expression,
  record: Record<string, unknown>,
  variables: Variables = {},
): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.items.every((item) => evaluate(item, record, variables));
    case 'or':
      return expression.items.some((item) => evaluate(item, record, variables));
    case 'not':
      return !evaluate(expression.item, record, variables);
    case 'in': {
      const left = record[expression.field] ?? null;
      return expression.values.some((value) => resolve(value, variables) === left);
    }
    case 'any': {
      const left = record[expression.field];
      return Array.isArray(left) && left.includes(resolve(expression.value, variables));
    }
    case 'call': {
      const left = String(record[expression.field] ?? '').toLowerCase();
      const right = String(resolve(expression.value, variables)).toLowerCase();
      if (expression.name === 'startswith') return left.startsWith(right);
      if (expression.name === 'endswith') return left.endsWith(right);
      return left.includes(right);
    }
    case 'compare': {
      const left = record[expression.field] ?? null;
      const right = resolve(expression.value, variables);
      if (expression.operator === 'eq') return left === right;
      if (expression.operator === 'ne') return left !== right;
      if (left === null || right === null) return false;
      const order = (left as number) < (right as number) ? -1 : left === right ? 0 : 1;
      if (expression.operator === 'gt') return order > 0;
      if (expression.operator === 'ge') return order >= 0;
      if (expression.operator === 'lt') return order < 0;
      return order <= 0;
    }
  }
}

/** Whether an action is offered for a record. What cannot be read counts as yes: the server decides. */
export function isEnabled(
  condition: string | undefined,
  record: Record<string, unknown>,
  variables: Variables,
): boolean {
  if (!condition) return true;
  const expression = parseExpression(condition);
  return expression ? evaluate(expression, record, variables) : true;
}
