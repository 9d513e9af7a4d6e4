import type { GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import { isMapping } from '@scarmonit/core/upstream/parse-object';

type ToolCallEvent = Extract<GenerateEvent, { readonly type: 'tool-call' }>;

/**
 * Reads the tool calls of an answer, whole ones (`{name, arguments: {…}}`) and such that come in pieces (`{index, id,
 * function: {name}}`, then `{index, function: {arguments}}`, then a piece of nulls that only says that it was the last).
 */
export class ToolCallReader {
  readonly #newCallId: () => string;
  /** The upstream's index → ours, which has no gaps. */
  readonly #known = new Map<number, number>();
  readonly #onlyFirst: boolean;
  #count = 0;

  /** @param onlyFirst ignores every call after the first, for clients that want one at a time */
  constructor(newCallId: () => string, onlyFirst: boolean) {
    this.#newCallId = newCallId;
    this.#onlyFirst = onlyFirst;
  }

  /** How many calls the answer has so far. */
  get count(): number {
    return this.#count;
  }

  /** @param calls the value of a `tool_calls` */
  read(calls: unknown): ToolCallEvent[] {
    return Array.isArray(calls) ? calls.flatMap((call: unknown) => this.#readOne(call) ?? []) : [];
  }

  #readOne(call: unknown): ToolCallEvent | undefined {
    if (!isMapping(call)) return undefined;
    const called = isMapping(call['function']) ? call['function'] : call;
    const [id, name] = [textOf(call['id']), textOf(called['name'])];
    const argumentsDelta = toArguments(called['arguments']);
    if (id === '' && name === '' && argumentsDelta === '') return undefined;
    const index = this.#place(call['index'], name !== '');
    const isFirst = index === this.#count;
    if (isFirst) this.#count += 1;
    if (this.#onlyFirst && index > 0) return undefined;
    return {
      type: 'tool-call',
      index,
      ...(isFirst ? { id: id || this.#newCallId(), name } : {}),
      argumentsDelta,
    };
  }

  /** Without an index of its own a call with a name is a new one, and a piece without one goes on with the latest. */
  #place(given: unknown, hasName: boolean): number {
    if (typeof given !== 'number') return hasName ? this.#count : Math.max(0, this.#count - 1);
    const known = this.#known.get(given);
    if (known !== undefined) return known;
    this.#known.set(given, this.#count);
    return this.#count;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function toArguments(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
