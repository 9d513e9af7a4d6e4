import type { GbnfRules } from './gbnf-rules.ts';
import { integerRange, largestInteger } from './integer-range.ts';
import { anyNumber, fraction } from './json-values.ts';
import type { JsonSchema } from './schema-keywords.ts';
import { invalidSchema, refuseOtherKeywords, unsupportedKeyword } from './schema-keywords.ts';

/** An integer between bounds. */
export function compileInteger(schema: JsonSchema, path: string, rules: GbnfRules): string {
  const bounds = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
  refuseOtherKeywords(schema, ['type', 'multipleOf', ...bounds], path);
  if (schema['multipleOf'] !== undefined && schema['multipleOf'] !== 1) {
    throw unsupportedKeyword('multipleOf', path, 'cannot be enforced');
  }
  const above = readBound(schema, 'exclusiveMinimum', path);
  const below = readBound(schema, 'exclusiveMaximum', path);
  const least = Math.max(
    Math.ceil(readBound(schema, 'minimum', path) ?? -largestInteger),
    above === undefined ? -largestInteger : Math.floor(above) + 1,
  );
  const most = Math.min(
    Math.floor(readBound(schema, 'maximum', path) ?? largestInteger),
    below === undefined ? largestInteger : Math.ceil(below) - 1,
  );
  if (least > most) throw invalidSchema('The bounds leave no integer', path);
  return rules.add(integerRange(least, most));
}

/** A number; bounds are enforced where they are whole and not negative, such as `minimum: 0`. */
export function compileNumber(schema: JsonSchema, path: string, rules: GbnfRules): string {
  refuseOtherKeywords(schema, ['type', 'minimum', 'maximum'], path);
  const least = readBound(schema, 'minimum', path);
  const most = readBound(schema, 'maximum', path);
  if (least === undefined && most === undefined) return anyNumber(rules);
  if (least === undefined || least < 0 || !Number.isInteger(least) || !Number.isInteger(most ?? 0)) {
    throw unsupportedKeyword(
      least === undefined ? 'maximum' : 'minimum',
      path,
      'can be enforced on numbers with whole bounds from 0 on only',
    );
  }
  if (most === undefined) return rules.add(`${integerRange(least, largestInteger)} ${fraction}`);
  if (least > most) throw invalidSchema('The bounds leave no number', path);
  const atMost = `"${most}" ("." "0"{1,3})?`;
  return rules.add(least === most ? atMost : `${integerRange(least, most - 1)} ${fraction} | ${atMost}`);
}

function readBound(schema: JsonSchema, keyword: string, path: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalidSchema(`${keyword} must be a number`, `${path}.${keyword}`);
  }
  return value;
}
