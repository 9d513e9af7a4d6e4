import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Compiles a schema that stands inside another one into the body of a rule. */
export type CompileSchema = (schema: unknown, path: string) => string;

/** Keywords that say something about a schema without narrowing what it allows (JSON Schema 2020-12, 9; OpenAPI). */
const annotations = new Set([
  ...['title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly', '$comment'],
  ...['$schema', '$id', '$anchor', '$defs', 'definitions'],
]);

/**
 * Refuses keywords of a schema that are neither annotations nor in `enforced`, so that none is ignored silently.
 * @param path where the schema stands, for the error's `param`
 * @throws ScarmonitError `unsupported` that names the keyword
 */
export function refuseOtherKeywords(schema: JsonSchema, enforced: readonly string[], path: string): void {
  for (const keyword of Object.keys(schema)) {
    if (annotations.has(keyword) || keyword.startsWith('x-') || enforced.includes(keyword)) continue;
    throw unsupportedKeyword(keyword, path, `cannot be enforced together with what else this schema says`);
  }
}

export function unsupportedKeyword(keyword: string, path: string, reason: string): ScarmonitError {
  return new ScarmonitError('unsupported', `The JSON Schema keyword ${keyword} at ${path} ${reason}.`, {
    param: `${path}.${keyword}`,
  });
}

export function invalidSchema(message: string, path: string): ScarmonitError {
  return new ScarmonitError('invalid_request', `${message} at ${path}.`, { param: path });
}

export function isSchemaObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole number that a schema gives for a keyword, or undefined. */
export function readCount(schema: JsonSchema, keyword: string, path: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw invalidSchema(`${keyword} must be a whole number`, `${path}.${keyword}`);
  }
  if (value > maxCount) throw unsupportedKeyword(keyword, path, `may be ${maxCount} at the most`);
  return value;
}

/** llama.cpp refuses grammars that repeat a rule more often. */
const maxCount = 2000;
