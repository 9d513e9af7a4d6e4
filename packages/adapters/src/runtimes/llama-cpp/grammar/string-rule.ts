import type { GbnfRules } from './gbnf-rules.ts';
import { anyString, stringChar } from './json-values.ts';
import type { JsonSchema } from './schema-keywords.ts';
import { invalidSchema, readCount, refuseOtherKeywords, unsupportedKeyword } from './schema-keywords.ts';
import { stringFormats } from './string-formats.ts';

/** A string of bounded length or of a known format. */
export function compileString(schema: JsonSchema, path: string, rules: GbnfRules): string {
  if (schema['format'] !== undefined) {
    refuseOtherKeywords(schema, ['type', 'format'], path);
    const name = String(schema['format']);
    const format = Object.hasOwn(stringFormats, name) ? stringFormats[name] : undefined;
    if (format === undefined) {
      throw unsupportedKeyword('format', path, `may be ${Object.keys(stringFormats).join(', ')}`);
    }
    return rules.add(`"\\"" ${format} "\\""`);
  }
  refuseOtherKeywords(schema, ['type', 'minLength', 'maxLength'], path);
  const least = readCount(schema, 'minLength', path) ?? 0;
  const most = readCount(schema, 'maxLength', path);
  if (least === 0 && most === undefined) return anyString(rules);
  if (most !== undefined && most < least) throw invalidSchema('maxLength is less than minLength', path);
  return rules.add(`"\\"" ${stringChar(rules)}{${least},${most ?? ''}} "\\""`);
}
