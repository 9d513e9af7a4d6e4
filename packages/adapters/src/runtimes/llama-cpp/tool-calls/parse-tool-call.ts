/** A call that was found in an answer. */
export interface FoundCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/**
 * Reads one call or a list of calls: `{"name": …, "arguments": {…}}` or with `parameters`.
 * @returns undefined when the text is no call of one of the tools
 */
export function parseToolCalls(json: string, toolNames: ReadonlySet<string>): readonly FoundCall[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  const calls = items.map((item) => readCall(item, toolNames)).filter((call) => call !== undefined);
  return calls.length > 0 && calls.length === items.length ? calls : undefined;
}

function readCall(item: unknown, toolNames: ReadonlySet<string>): FoundCall | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const call: { name?: unknown; arguments?: unknown; parameters?: unknown } = item;
  const given = call.arguments ?? call.parameters ?? {};
  if (typeof call.name !== 'string' || !toolNames.has(call.name)) return undefined;
  if (typeof given === 'string') return isJsonObject(given) ? { name: call.name, arguments: given } : undefined;
  if (typeof given !== 'object' || Array.isArray(given)) return undefined;
  return { name: call.name, arguments: JSON.stringify(given) };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
