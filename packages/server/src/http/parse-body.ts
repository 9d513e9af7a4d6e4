import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { z } from 'zod';
import { describeIssue } from '../errors/describe-issue.ts';

/**
 * Reads a JSON body by its schema.
 * @throws ScarmonitError `invalid_request` that names the field to change
 */
export function parseBody<Output>(schema: z.ZodType<Output>, text: string): Output {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ScarmonitError(
      'invalid_request',
      'We could not parse the JSON body of your request. The body must be one valid JSON object in UTF-8.',
      { code: 'invalid_json' },
    );
  }
  return parseValue(schema, value);
}

/** The same for a value that was parsed before, such as the query. */
export function parseValue<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return parsed.data;
  }
  throw describeIssue(parsed.error.issues[0], value);
}
