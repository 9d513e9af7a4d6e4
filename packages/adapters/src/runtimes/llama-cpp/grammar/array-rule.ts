import type { GbnfRules } from './gbnf-rules.ts';
import { anyValue, space } from './json-values.ts';
import type { CompileSchema, JsonSchema } from './schema-keywords.ts';
import { invalidSchema, readCount, refuseOtherKeywords, unsupportedKeyword } from './schema-keywords.ts';

/** An array of bounded or unbounded length, or a tuple when the schema has `prefixItems`. */
export function compileArray(schema: JsonSchema, path: string, rules: GbnfRules, compile: CompileSchema): string {
  refuseOtherKeywords(schema, ['type', 'items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'], path);
  const least = readCount(schema, 'minItems', path) ?? 0;
  const most = readCount(schema, 'maxItems', path);
  if (most !== undefined && most < least) throw invalidSchema('maxItems is less than minItems', path);
  if (schema['uniqueItems'] === true && (most ?? 2) > 1) {
    throw unsupportedKeyword('uniqueItems', path, 'cannot be enforced');
  }
  if (schema['prefixItems'] !== undefined) return compileTuple(schema, path, least, most, rules, compile);
  if (schema['items'] === false || most === 0) return '"[]"';
  const item = schema['items'] === undefined ? anyValue(rules) : rules.add(compile(schema['items'], `${path}.items`));
  const rest = `("," ${space} ${item})`;
  const repeats = most === undefined ? `{${Math.max(0, least - 1)},}` : `{${Math.max(0, least - 1)},${most - 1}}`;
  const items = `${item} ${most === 1 ? '' : `${rest}${repeats}`}`;
  return rules.add(`"[" ${least === 0 ? `(${items})?` : items} "]"`);
}

function compileTuple(
  schema: JsonSchema,
  path: string,
  least: number,
  most: number | undefined,
  rules: GbnfRules,
  compile: CompileSchema,
): string {
  const prefix = schema['prefixItems'];
  if (!Array.isArray(prefix) || prefix.length === 0) {
    throw invalidSchema('prefixItems must be a list of schemas', `${path}.prefixItems`);
  }
  if (least > prefix.length || (most !== undefined && most < prefix.length)) {
    throw unsupportedKeyword('prefixItems', path, 'needs minItems and maxItems that allow exactly its items');
  }
  const items = prefix.map((item, index) => compile(item, `${path}.prefixItems[${index}]`));
  return rules.add(`"[" ${items.join(` "," ${space} `)} "]"`);
}
