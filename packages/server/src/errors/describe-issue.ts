import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** OpenAI's words for types. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/**
 * Says what is wrong with a request in the words of api.openai.com, naming the field as a path:
 * `Invalid type for 'messages[0].content': expected one of a string or an array, but got an integer instead.`
 * @param issue zod's first finding
 * @param root the value that was parsed
 */
export function describeIssue(issue: Issue | undefined, root: unknown, prefix: Path = []): ScarmonitError {
  if (issue === undefined) {
    return refuse('The request is invalid.', undefined, null);
  }
  const path = [...prefix, ...issue.path];
  const value = valueAt(root, path);
  const param = formatPath(path);
  const field = param === undefined ? 'the request body' : `'${param}'`;
  if (value === undefined && param !== undefined && issue.code !== 'unrecognized_keys') {
    return refuse(`Missing required parameter: ${field}.`, param, 'missing_required_parameter');
  }
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(field, param, [issue], value);
    case 'invalid_value':
      return typeof value === typeof issue.values[0]
        ? refuse(
            `Invalid value: ${quote(value)}. Supported values are: ${issue.values.map(quote).join(', ')}.`,
            param,
            'invalid_value',
          )
        : wrongType(field, param, [issue], value);
    case 'invalid_union':
      return describeUnion(issue, root, path, field, param, value);
    case 'too_small':
      return outOfRange(field, param, issue.origin, 'minimum', Number(issue.minimum), value);
    case 'too_big':
      return outOfRange(field, param, issue.origin, 'maximum', Number(issue.maximum), value);
    case 'unrecognized_keys': {
      const unknown = formatPath([...path, issue.keys[0] ?? '']);
      return refuse(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter');
    }
    default:
      return refuse(`Invalid value for ${field}: ${issue.message}.`, param, 'invalid_value');
  }
}

/** Of a union that fits nowhere, the finding of the alternative that came furthest is what the caller meant. */
function describeUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  root: unknown,
  path: Path,
  field: string,
  param: string | undefined,
  value: unknown,
): ScarmonitError {
  const firsts = issue.errors.map((issues) => issues[0]).filter((first) => first !== undefined);
  if (firsts.length === 0) {
    return refuse(`Invalid value for ${field}: ${quote(value)}.`, param, 'invalid_value');
  }
  if (firsts.every((first) => first.code === 'invalid_type' && first.path.length === 0)) {
    return wrongType(field, param, firsts, value);
  }
  let furthest = firsts[0];
  for (const first of firsts) {
    if (furthest === undefined || reach(first) > reach(furthest)) {
      furthest = first;
    }
  }
  return describeIssue(furthest, root, path);
}

function reach(issue: Issue): number {
  return issue.path.length * 2 + (issue.code === 'invalid_type' ? 0 : 1);
}

function wrongType(field: string, param: string | undefined, issues: readonly Issue[], value: unknown): ScarmonitError {
  const expected = [...new Set(issues.map(expectedType))];
  const wanted = expected.length > 1 ? `one of ${expected.join(' or ')}` : expected.join();
  return refuse(
    `Invalid type for ${field}: expected ${wanted}, but got ${nameType(value)} instead.`,
    param,
    'invalid_type',
  );
}

function expectedType(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return typeNames[typeof issue.values[0]] ?? 'another type';
    default:
      return 'another type';
  }
}

function outOfRange(
  field: string,
  param: string | undefined,
  origin: string,
  bound: 'minimum' | 'maximum',
  limit: number,
  value: unknown,
): ScarmonitError {
  const side = bound === 'minimum' ? 'below' : 'above';
  if (Array.isArray(value)) {
    return value.length === 0
      ? refuse(`Invalid ${field}: empty array. Expected at least ${limit} element(s).`, param, 'empty_array')
      : refuse(
          `Invalid ${field}: array of length ${value.length}. Expected ${bound} length ${limit}.`,
          param,
          `array_${side}_${bound.slice(0, 3)}_length`,
        );
  }
  if (typeof value === 'string') {
    return value === ''
      ? refuse(`Invalid ${field}: empty string. Expected at least ${limit} character(s).`, param, 'empty_string')
      : refuse(
          `Invalid ${field}: string of length ${value.length}. Expected ${bound} length ${limit}.`,
          param,
          `string_${side}_${bound.slice(0, 3)}_length`,
        );
  }
  const kind = origin === 'int' || Number.isInteger(value) ? 'integer' : 'decimal';
  return refuse(
    `Invalid ${field}: ${kind} ${side} ${bound} value. ` +
      `Expected a value ${bound === 'minimum' ? '>=' : '<='} ${limit}, but got ${String(value)} instead.`,
    param,
    `${kind}_${side}_${bound.slice(0, 3)}_value`,
  );
}

function refuse(message: string, param: string | undefined, code: string | null): ScarmonitError {
  return new ScarmonitError('invalid_request', message, {
    ...(param === undefined ? {} : { param }),
    ...(code === null ? {} : { code }),
  });
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) {
      return undefined;
    }
    value = Reflect.get(value, key);
  }
  return value;
}

/** `['messages', 0, 'role']` → `messages[0].role`. */
export function formatPath(path: Path): string | undefined {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') {
      text += `[${key}]`;
    } else {
      text += text === '' ? String(key) : `.${String(key)}`;
    }
  }
  return text === '' ? undefined : text;
}

function nameType(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'an array';
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? 'an integer' : 'a decimal';
  }
  return typeNames[typeof value] ?? typeof value;
}

const maxQuotedChars = 100;

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `'${text.length > maxQuotedChars ? `${text.slice(0, maxQuotedChars)}…` : text}'`;
}
