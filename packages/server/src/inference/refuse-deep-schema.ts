import { invalidValue } from '../errors/request-errors.ts';

/** Far more than any real schema needs, and far less than overflows a stack that walks it. */
const maxDepth = 100;

/** Refuses JSON Schemas that are nested so deeply that serialising them, or making a grammar of them, would overflow. */
export function refuseDeepSchema(schema: unknown, param: string): void {
  if (isDeeper(schema, maxDepth)) {
    throw invalidValue(param, `'${param}' is nested more than ${maxDepth} levels deep. Flatten the schema.`);
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
