import { z } from 'zod';

/**
 * The error of a field, as the second half of a sentence whose first half is its path; `explain-issue.ts` joins them.
 * @param phrase what the field must be or do
 */
export function must(phrase: string) {
  return {
    error: (issue: { readonly code?: string; readonly input?: unknown }) =>
      issue.code === 'unrecognized_keys'
        ? undefined
        : `${issue.input === undefined ? 'is missing; it ' : ''}must ${phrase}.`,
  };
}

/** Text that fits a pattern. @param what it must be, for people */
export function text(pattern: RegExp, what: string, maxLength = 256) {
  const message = must(`be ${what}`);
  return z.string(message).refine((value) => value.length <= maxLength && pattern.test(value), message);
}

/** A number within bounds. @param what follows `a number` in the message */
export function number(what: string, holds: (value: number) => boolean) {
  const message = must(`be a number ${what}`);
  return z.number(message).refine(holds, message);
}

/** One of a few words. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, must(`be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`));
}
