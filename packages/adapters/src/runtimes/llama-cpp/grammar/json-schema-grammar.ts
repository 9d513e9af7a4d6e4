import { compileArray } from './array-rule.ts';
import type { GbnfRules } from './gbnf-rules.ts';
import { literal, oneOf } from './gbnf-rules.ts';
import { anyValue } from './json-values.ts';
import { compileInteger, compileNumber } from './number-rule.ts';
import { compileObject } from './object-rule.ts';
import type { CompileSchema, JsonSchema } from './schema-keywords.ts';
import { invalidSchema, isSchemaObject, refuseOtherKeywords, unsupportedKeyword } from './schema-keywords.ts';
import { compileString } from './string-rule.ts';

/**
 * Compiles a JSON Schema (2020-12, the parts that OpenAI's structured outputs know and some more) into GBNF rules.
 * What the rules match is always valid; they may leave out some valid texts: properties come in the schema's order,
 * undeclared ones are not written, and whitespace is at most one space.
 * @param path where the schema stands in the request, for errors
 * @returns the body of a rule that matches the value
 * @throws ScarmonitError `unsupported` for a keyword that cannot be enforced, `invalid_request` for a broken schema
 */
export function compileJsonSchema(schema: JsonSchema, path: string, rules: GbnfRules): string {
  return new SchemaCompiler(schema, path, rules).compile(schema, path);
}

class SchemaCompiler {
  readonly #root: JsonSchema;
  readonly #rootPath: string;
  readonly #rules: GbnfRules;
  readonly #references = new Map<string, string>();
  /** References that are being compiled and have matched no text yet: coming back to one would never end. */
  #unconsumed = new Set<string>();
  #depth = 0;

  constructor(root: JsonSchema, rootPath: string, rules: GbnfRules) {
    this.#root = root;
    this.#rootPath = rootPath;
    this.#rules = rules;
  }

  compile(schema: unknown, path: string): string {
    if (schema === true) return anyValue(this.#rules);
    if (!isSchemaObject(schema)) throw invalidSchema('A schema must be an object', path);
    if (++this.#depth > maxDepth) throw invalidSchema(`The schema is nested deeper than ${maxDepth} levels`, path);
    try {
      return this.#compileObject(schema, path);
    } finally {
      this.#depth--;
    }
  }

  /** Compiles what stands behind an opening bracket: from there on a schema may refer to itself. */
  readonly #compileInside: CompileSchema = (schema, path) => {
    const unconsumed = this.#unconsumed;
    this.#unconsumed = new Set();
    try {
      return this.compile(schema, path);
    } finally {
      this.#unconsumed = unconsumed;
    }
  };

  #compileObject(schema: JsonSchema, path: string): string {
    if (schema['$ref'] !== undefined) return this.#compileReference(schema, path);
    for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
      if (schema[keyword] !== undefined) return this.#compileBranches(schema, keyword, path);
    }
    if ('const' in schema) {
      refuseOtherKeywords(schema, ['const', 'type'], path);
      return this.#compileValues([schema['const']], schema, path);
    }
    if (schema['enum'] !== undefined) {
      refuseOtherKeywords(schema, ['enum', 'type'], path);
      if (!Array.isArray(schema['enum'])) throw invalidSchema('enum must be a list', `${path}.enum`);
      return this.#compileValues(schema['enum'], schema, path);
    }
    return this.#compileType(schema, path);
  }

  #compileReference(schema: JsonSchema, path: string): string {
    refuseOtherKeywords(schema, ['$ref'], path);
    const reference = schema['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith('#')) {
      throw unsupportedKeyword('$ref', path, 'must point into the same schema, such as #/$defs/name');
    }
    if (this.#unconsumed.has(reference)) throw invalidSchema('The reference leads back to itself', `${path}.$ref`);
    const known = this.#references.get(reference);
    if (known !== undefined) return known;
    const name = this.#rules.reserve();
    this.#references.set(reference, name);
    this.#unconsumed.add(reference);
    this.#rules.define(name, this.compile(this.#resolve(reference, path), this.#rootPath + toPath(reference)));
    this.#unconsumed.delete(reference);
    return name;
  }

  #resolve(reference: string, path: string): unknown {
    let target: unknown = this.#root;
    for (const step of pointerSteps(reference)) {
      const parent: unknown = target;
      target = typeof parent === 'object' && parent !== null ? Reflect.get(parent, step) : undefined;
    }
    if (target === undefined) throw invalidSchema(`Nothing stands at ${reference}`, `${path}.$ref`);
    return target;
  }

  #compileBranches(schema: JsonSchema, keyword: 'anyOf' | 'oneOf' | 'allOf', path: string): string {
    refuseOtherKeywords(schema, [keyword], path);
    const branches: unknown = schema[keyword];
    if (!Array.isArray(branches) || branches.length === 0) {
      throw invalidSchema(`${keyword} must be a list of schemas`, `${path}.${keyword}`);
    }
    if (branches.length > 1 && keyword === 'allOf') {
      throw unsupportedKeyword('allOf', path, 'can be enforced with one schema only');
    }
    if (keyword === 'oneOf' && !areDisjoint(branches)) {
      throw unsupportedKeyword('oneOf', path, 'needs branches of different types or with different const values');
    }
    return oneOf(branches.map((branch, index) => this.compile(branch, `${path}.${keyword}[${index}]`)));
  }

  #compileValues(values: readonly unknown[], schema: JsonSchema, path: string): string {
    const types = typesOf(schema);
    const fitting = values.filter((value) => types.length === 0 || types.some((type) => isOfType(value, type)));
    if (fitting.length === 0) throw invalidSchema('No value is left that fits the type', path);
    return oneOf(fitting.map((value) => literal(JSON.stringify(value))));
  }

  #compileType(schema: JsonSchema, path: string): string {
    const types = typesOf(schema);
    if (types.length > 1) {
      return oneOf(types.map((type) => this.compile(onlyWhatConcerns(type, schema), path)));
    }
    switch (types[0] ?? impliedType(schema)) {
      case 'object':
        return compileObject(schema, path, this.#rules, this.#compileInside);
      case 'array':
        return compileArray(schema, path, this.#rules, this.#compileInside);
      case 'string':
        return compileString(schema, path, this.#rules);
      case 'integer':
        return compileInteger(schema, path, this.#rules);
      case 'number':
        return compileNumber(schema, path, this.#rules);
      case 'boolean':
        refuseOtherKeywords(schema, ['type'], path);
        return '("true" | "false")';
      case 'null':
        refuseOtherKeywords(schema, ['type'], path);
        return '"null"';
      case undefined:
        refuseOtherKeywords(schema, [], path);
        return anyValue(this.#rules);
      default:
        throw invalidSchema(`${JSON.stringify(types[0])} is not a JSON type`, `${path}.type`);
    }
  }
}

const maxDepth = 64;

const concerns: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['minLength', 'maxLength', 'format', 'pattern'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
};

function typesOf(schema: JsonSchema): readonly unknown[] {
  const { type } = schema;
  return type === undefined ? [] : Array.isArray(type) ? type : [type];
}

/** The type that a schema without `type` speaks of; writing only that is always valid. */
function impliedType(schema: JsonSchema): string | undefined {
  return Object.keys(concerns).find((type) => concerns[type]?.some((keyword) => keyword in schema));
}

/** In a schema of several types, each keyword narrows only the type that it is about. */
function onlyWhatConcerns(type: unknown, schema: JsonSchema): JsonSchema {
  const name = type === 'integer' ? 'number' : String(type);
  const own = Object.hasOwn(concerns, name) ? (concerns[name] ?? []) : [];
  const foreign = Object.values(concerns)
    .flat()
    .filter((keyword) => !own.includes(keyword));
  return { ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => !foreign.includes(keyword))), type };
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isSchemaObject(value);
  return typeof value === type;
}

/** Branches that no value can match twice: of different types, or objects told apart by a required constant. */
function areDisjoint(branches: readonly unknown[]): boolean {
  if (!branches.every(isSchemaObject)) return false;
  const types = branches.map((branch) => branch['type']);
  if (types.every((type) => typeof type === 'string') && new Set(types).size === types.length) {
    return !(types.includes('integer') && types.includes('number'));
  }
  const consts = branches.map((branch) => ('const' in branch ? JSON.stringify(branch['const']) : undefined));
  if (consts.every((value) => value !== undefined)) return new Set(consts).size === consts.length;
  const tags = branches.map(requiredConstants);
  return Object.keys(tags[0] ?? {}).some((key) => {
    const values = tags.map((tag) => tag[key]);
    return values.every((value) => value !== undefined) && new Set(values).size === values.length;
  });
}

function requiredConstants(schema: JsonSchema): Readonly<Record<string, string>> {
  const { properties, required } = schema;
  if (!isSchemaObject(properties) || !Array.isArray(required)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, property]) =>
      isSchemaObject(property) && 'const' in property && required.includes(key)
        ? [[key, JSON.stringify(property['const'])]]
        : [],
    ),
  );
}

function pointerSteps(reference: string): readonly string[] {
  return decodeURIComponent(reference.slice(1))
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function toPath(reference: string): string {
  return pointerSteps(reference)
    .map((step) => `.${step}`)
    .join('');
}
