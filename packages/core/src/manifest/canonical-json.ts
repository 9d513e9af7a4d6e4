/**
 * JSON text that is the same for the same data: keys sorted by UTF-16 code units, no white space, numbers and strings
 * as ECMAScript writes them (RFC 8785, "JSON Canonicalization Scheme"). Digests are taken over it.
 * Properties that are `undefined` are left out.
 * @throws TypeError for what is not JSON: NaN, infinities, lone surrogates, functions, bigints, symbols, cycles
 */
export function canonicalJson(value: unknown): string {
  return write(value, new Set());
}

function write(value: unknown, open: Set<object>): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is not a JSON number.`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('The text holds half a surrogate pair, which JSON cannot carry.');
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') throw new TypeError(`A ${typeof value} is not JSON.`);
  if (open.has(value)) throw new TypeError('The value contains itself.');
  open.add(value);
  const text = Array.isArray(value) ? writeArray(value, open) : writeObject(value, open);
  open.delete(value);
  return text;
}

function writeArray(items: readonly unknown[], open: Set<object>): string {
  return `[${items.map((item) => write(item, open)).join(',')}]`;
}

function writeObject(value: object, open: Set<object>): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${write(key, open)}:${write(member, open)}`);
  return `{${members.join(',')}}`;
}
