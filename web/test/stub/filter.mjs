// A small evaluator of the expression language, enough for what the web UI sends.

function tokenize(text) {
  const tokens = [];
  const pattern =
    /\s*(?:duration'P(\d+)D'|('(?:[^']|'')*')|(\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?)|(-?\d+(?:\.\d+)?)|(@?[A-Za-z_][\w/]*)|([(),:]))/gy;
  let at = 0;
  while (at < text.length) {
    if (/^\s*$/.test(text.slice(at))) break;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw Object.assign(new Error(`unexpected character at ${at}`), { position: at });
    at = pattern.lastIndex;
    const [, days, quoted, moment, number, word, mark] = match;
    if (days) tokens.push({ kind: 'value', value: Number(days) });
    else if (quoted)
      tokens.push({ kind: 'value', value: quoted.slice(1, -1).replaceAll("''", "'") });
    else if (moment) tokens.push({ kind: 'value', value: moment });
    else if (number) tokens.push({ kind: 'value', value: Number(number) });
    else if (word) tokens.push({ kind: 'word', value: word });
    else tokens.push({ kind: mark });
  }
  return tokens;
}

const functions = {
  contains: (a, b) =>
    String(a ?? '')
      .toLowerCase()
      .includes(String(b).toLowerCase()),
  startswith: (a, b) =>
    String(a ?? '')
      .toLowerCase()
      .startsWith(String(b).toLowerCase()),
  endswith: (a, b) =>
    String(a ?? '')
      .toLowerCase()
      .endsWith(String(b).toLowerCase()),
};

const compare = {
  eq: (a, b) => (Array.isArray(a) ? a.includes(b) : (a ?? null) === b),
  ne: (a, b) => (Array.isArray(a) ? !a.includes(b) : (a ?? null) !== b),
  gt: (a, b) => a != null && b != null && a > b,
  ge: (a, b) => a != null && b != null && a >= b,
  lt: (a, b) => a != null && b != null && a < b,
  le: (a, b) => a != null && b != null && a <= b,
};

export function compile(text, context) {
  const tokens = tokenize(text);
  let at = 0;
  const peek = () => tokens[at];
  const next = () => tokens[at++];
  const isWord = (value) => peek()?.kind === 'word' && peek().value === value;
  const fail = (message) => {
    throw Object.assign(new Error(message), { position: at });
  };

  function operand() {
    const token = next() ?? fail('unexpected end');
    if (token.kind === 'value') return () => token.value;
    if (token.kind === '(') {
      const inner = either();
      next();
      return inner;
    }
    if (token.kind !== 'word') return fail(`unexpected ${token.kind}`);
    if (token.value === 'null') return () => null;
    if (token.value === 'true') return () => true;
    if (token.value === 'false') return () => false;
    if (token.value === '@me') return () => context.me;
    if (token.value === '@today') {
      const sign = isWord('add') ? 1 : isWord('sub') ? -1 : 0;
      if (sign === 0) return () => context.today;
      next();
      const days = next().value * sign;
      const day = new Date(Date.parse(context.today) + days * 86_400_000);
      return () => day.toISOString().slice(0, 10);
    }
    if (token.value === '@now') return () => context.now;
    if (token.value.endsWith('/any')) {
      next();
      next();
      next();
      next();
      next();
      const wanted = operand();
      next();
      return (record) => (record[token.value.slice(0, -4)] ?? []).includes(wanted(record));
    }
    if (peek()?.kind === '(') {
      next();
      const args = [];
      while (peek() && peek().kind !== ')') {
        args.push(operand());
        if (peek()?.kind === ',') next();
      }
      next();
      const run = functions[token.value] ?? fail(`unknown function ${token.value}`);
      return (record) => run(...args.map((arg) => arg(record)));
    }
    return (record) => context.read(record, token.value);
  }
  function comparison() {
    if (isWord('not')) {
      next();
      const inner = comparison();
      return (record) => !inner(record);
    }
    const left = operand();
    const token = peek();
    if (token?.kind === 'word' && token.value === 'in') {
      next();
      next();
      const values = [];
      while (peek() && peek().kind !== ')') {
        values.push(operand());
        if (peek()?.kind === ',') next();
      }
      next();
      return (record) => values.some((value) => compare.eq(left(record), value(record)));
    }
    if (token?.kind === 'word' && compare[token.value]) {
      next();
      const right = operand();
      return (record) => compare[token.value](left(record), right(record));
    }
    return left;
  }
  function both() {
    let left = comparison();
    while (isWord('and')) {
      next();
      const a = left,
        b = comparison();
      left = (record) => a(record) && b(record);
    }
    return left;
  }
  function either() {
    let left = both();
    while (isWord('or')) {
      next();
      const a = left,
        b = both();
      left = (record) => a(record) || b(record);
    }
    return left;
  }
  const result = either();
  if (at < tokens.length) fail('unexpected rest');
  return result;
}
