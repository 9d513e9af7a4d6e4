import type { DocumentPath } from './manifest.ts';

const maxDepth = 64;

/** What is wrong with a value whatever its key means; `problem` is the second half of a sentence. */
export interface DataProblem {
  readonly path: DocumentPath;
  readonly problem: string;
}

/**
 * Finds what no manifest may hold: values that are not JSON, values that contain themselves, nesting beyond 64 levels,
 * and the key `__proto__`.
 */
export function* checkPlainData(
  value: unknown,
  path: DocumentPath = [],
  around: ReadonlySet<object> = new Set(),
): Generator<DataProblem> {
  if (typeof value !== 'object' || value === null) {
    const problem = findScalarProblem(value);
    if (problem !== undefined) yield { path, problem };
  } else if (around.has(value)) {
    yield { path, problem: 'contains itself through an alias; write the value out.' };
  } else if (path.length >= maxDepth) {
    yield { path, problem: `is nested more than ${maxDepth} levels deep; make it flatter.` };
  } else if (Array.isArray(value)) {
    const inside = new Set(around).add(value);
    for (const [index, item] of value.entries()) yield* checkPlainData(item, [...path, index], inside);
  } else if (isPlainObject(value)) {
    const inside = new Set(around).add(value);
    for (const [key, member] of Object.entries(value)) {
      if (key === '__proto__') yield { path: [...path, key], problem: 'is not allowed as a key; choose another name.' };
      else if (!key.isWellFormed()) yield { path, problem: 'has a key with half a character in it; write it in full.' };
      else yield* checkPlainData(member, [...path, key], inside);
    }
  } else {
    yield { path, problem: notData };
  }
}

const notData = 'must be text, a number, true, false, null, a list or a mapping.';

function findScalarProblem(value: unknown): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'must be a finite number.';
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'holds half a character; write it in full.';
  return notData;
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
