import type { TextInput } from '@scarmonit/core/ports/model-runtime';
import type { TextInputParam } from '@scarmonit/protocol/openai/embedding';

/** Brings the four forms of `input` to the port's two. */
export function toTextInput(input: TextInputParam): TextInput {
  if (typeof input === 'string') {
    return { kind: 'texts', texts: [input] };
  }
  if (isEvery(input, isString)) {
    return { kind: 'texts', texts: input };
  }
  return { kind: 'tokens', tokens: isEvery(input, isNumber) ? [input] : input.filter(isList) };
}

// The schema has checked that all elements are alike, so the first one tells.
function isEvery<T>(list: readonly unknown[], is: (value: unknown) => value is T): list is readonly T[] {
  return is(list[0]);
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isList = (value: unknown): value is number[] => Array.isArray(value);
