import type { DocumentPath } from './manifest.ts';

const maxDepth = 64;

/**
 * Finds what no manifest may hold whatever its keys mean: values that are not JSON, values that contain themselves,
 * nesting beyond 64 levels, and the key `__proto__`.
 */
export function checkPlainData(value: unknown, report: (path: DocumentPath, problem: string) => void): void {
  const visit = (value: unknown, path: DocumentPath, open: ReadonlySet<object>): void => {
    if (typeof value === 'object' && value !== null) {
      if (open.has(value)) return report(path, 'contains itself through an alias; write the value out.');
      if (path.length >= maxDepth) return report(path, `is nested more than ${maxDepth} levels deep; make it flatter.`);
      const inside = new Set(open).add(value);
      if (Array.isArray(value)) {
        value.forEach((item, index) => visit(item, [...path, index], inside));
        return;
      }
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) {
        return report(path, 'must be text, a number, true, false, null, a list or a mapping.');
      }
      for (const [key, member] of Object.entries(value)) {
        if (key === '__proto__') report([...path, key], 'is not allowed as a key; choose another name.');
        else if (!key.isWellFormed()) report([...path, key], 'is a key with half a character in it; write it in full.');
        else visit(member, [...path, key], inside);
      }
      return;
    }
    if (typeof value === 'number' && !Number.isFinite(value)) report(path, 'must be a finite number.');
    else if (typeof value === 'string' && !value.isWellFormed()) report(path, 'holds half a character; write it in full.');
    else if (value === undefined || ['bigint', 'function', 'symbol'].includes(typeof value)) {
      report(path, 'must be text, a number, true, false, null, a list or a mapping.');
    }
  };
  visit(value, [], new Set());
}
