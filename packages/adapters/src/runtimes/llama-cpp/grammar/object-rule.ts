import type { GbnfRules } from './gbnf-rules.ts';
import { literal } from './gbnf-rules.ts';
import { anyObject, mapOf, space } from './json-values.ts';
import type { CompileSchema, JsonSchema } from './schema-keywords.ts';
import { invalidSchema, isSchemaObject, refuseOtherKeywords } from './schema-keywords.ts';

interface Property {
  readonly name: string;
  readonly schema: unknown;
  readonly required: boolean;
}

/**
 * An object whose declared properties come in their order, the optional ones or not. Properties that are not declared
 * are written only where none is.
 */
export function compileObject(schema: JsonSchema, path: string, rules: GbnfRules, compile: CompileSchema): string {
  refuseOtherKeywords(schema, ['type', 'properties', 'required', 'additionalProperties'], path);
  const properties = readProperties(schema, path);
  const additional = schema['additionalProperties'];
  if (properties.length === 0) {
    if (additional === false) return '"{}"';
    if (additional === undefined || additional === true) return anyObject(rules);
    return mapOf(rules, rules.add(compile(additional, `${path}.additionalProperties`)));
  }
  const entries = properties.map((property) =>
    rules.add(
      `${literal(`${JSON.stringify(property.name)}:`)} ${space} ${compile(
        property.schema,
        `${path}.properties.${property.name}`,
      )}`,
    ),
  );
  return rules.add(`"{" ${restOfObject(properties, entries, rules)} "}"`);
}

/** Rules for "the properties from here on", once for the case that one was written before and once for the other. */
function restOfObject(properties: readonly Property[], entries: readonly string[], rules: GbnfRules): string {
  let afterFirst = '""';
  let asFirst = '""';
  for (let index = properties.length - 1; index >= 0; index--) {
    const entry = entries[index] ?? '""';
    const later = `"," ${space} ${entry} ${afterFirst}`;
    const first = `${entry} ${afterFirst}`;
    const isRequired = properties[index]?.required === true;
    asFirst = rules.add(isRequired ? first : `${first} | ${asFirst}`);
    afterFirst = rules.add(isRequired ? later : `${later} | ${afterFirst}`);
  }
  return asFirst;
}

function readProperties(schema: JsonSchema, path: string): readonly Property[] {
  const declared = schema['properties'] ?? {};
  const required = schema['required'] ?? [];
  if (!isSchemaObject(declared)) throw invalidSchema('properties must be an object', `${path}.properties`);
  if (!Array.isArray(required)) throw invalidSchema('required must be a list of names', `${path}.required`);
  const undeclared = required.filter((name) => typeof name === 'string' && !Object.hasOwn(declared, name));
  const additional = schema['additionalProperties'] ?? true;
  if (undeclared.length > 0 && additional === false) {
    throw invalidSchema(`required names ${JSON.stringify(undeclared[0])}, which is not a property`, `${path}.required`);
  }
  return [
    ...Object.entries(declared).map(([name, property]) => ({
      name,
      schema: property,
      required: required.includes(name),
    })),
    ...undeclared.map((name) => ({ name: String(name), schema: additional, required: true })),
  ];
}
