/** An id to write beside a binding: `database_id` of D1, `id` of KV. */
export interface BindingId {
  readonly binding: string;
  readonly field: 'database_id' | 'id';
  readonly id: string;
}

/**
 * Puts ids into the text of wrangler.jsonc, in one environment, and leaves everything else as it is, comments too.
 * @throws Error that says what to write by hand, when a binding is not where it is looked for
 */
export function writeIds(text: string, environment: string, ids: readonly BindingId[]): string {
  return ids.reduce((current, id) => writeId(current, environment, id), text);
}

function writeId(text: string, environment: string, { binding, field, id }: BindingId): string {
  // Comments are blanked to the same length, so that places in one are places in the other.
  const bare = blankComments(text);
  const [from, to] = findObject(bare, environment, findObject(bare, 'env', [0, bare.length])) ?? [0, 0];
  for (const { 0: object, index } of bare.slice(from, to).matchAll(/\{[^{}]*\}/g)) {
    if (!new RegExp(`"binding"\\s*:\\s*"${binding}"`).test(object)) continue;
    const value = new RegExp(`("${field}"\\s*:\\s*")[^"]*"`).exec(object);
    if (value === null) continue;
    const start = from + index + value.index + (value[1]?.length ?? 0);
    return `${text.slice(0, start)}${id}${text.slice(text.indexOf('"', start))}`;
  }
  throw new Error(
    `wrangler.jsonc has no ${field} of the binding ${binding} under env.${environment}. Write it there yourself: ${id}`,
  );
}

/** The place of the braces of the object with this name, from the first brace to past the last. */
function findObject(
  bare: string,
  name: string,
  within: readonly [number, number] | undefined,
): readonly [number, number] | undefined {
  if (within === undefined) return undefined;
  const found = new RegExp(`"${name}"\\s*:\\s*\\{`, 'g');
  found.lastIndex = within[0];
  const match = found.exec(bare);
  if (match === null || match.index >= within[1]) return undefined;
  const start = match.index + match[0].length - 1;
  let depth = 0;
  for (const { 0: token, index } of bare.slice(start).matchAll(/"(?:\\.|[^"\\])*"|[{}]/g)) {
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    if (depth === 0) return [start, start + index + 1];
  }
  return undefined;
}

function blankComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (token) =>
    token.startsWith('"') ? token : token.replace(/[^\n]/g, ' '),
  );
}
