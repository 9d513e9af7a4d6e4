import { describe, expect, it } from 'vitest';
import { GbnfRules } from './gbnf-rules.ts';
import { compileJsonSchema } from './json-schema-grammar.ts';
import type { JsonSchema } from './schema-keywords.ts';

const compile = (schema: JsonSchema): string => {
  const rules = new GbnfRules();
  return rules.write(compileJsonSchema(schema, 'schema', rules));
};

describe('compileJsonSchema', () => {
  it.each([
    [{ type: 'string', pattern: 'a+' }, 'schema.pattern'],
    [{ type: 'string', format: 'regex' }, 'schema.format'],
    [{ type: 'array', items: { type: 'integer', multipleOf: 3 } }, 'schema.items.multipleOf'],
    [{ type: 'array', uniqueItems: true }, 'schema.uniqueItems'],
    [{ type: 'object', patternProperties: {} }, 'schema.patternProperties'],
    [{ type: 'object', properties: { a: { not: {} } } }, 'schema.properties.a.not'],
    [{ type: 'object', minProperties: 1 }, 'schema.minProperties'],
    [{ type: 'number', minimum: 0.5 }, 'schema.minimum'],
    [{ type: 'number', exclusiveMinimum: 0 }, 'schema.exclusiveMinimum'],
    [{ type: 'string', maxLength: 5000 }, 'schema.maxLength'],
    [{ allOf: [{ type: 'string' }, { maxLength: 1 }] }, 'schema.allOf'],
    [{ oneOf: [{ type: 'string' }, { const: 'a' }] }, 'schema.oneOf'],
    [{ $ref: 'https://example.com/schema' }, 'schema.$ref'],
    [{ type: 'boolean', nullable: true }, 'schema.nullable'],
  ])('refuses what it cannot enforce: %j', (schema, param) => {
    expect(() => compile(schema)).toThrowError(expect.objectContaining({ kind: 'unsupported', param }));
  });

  it.each([
    [{ type: 'strnig' }, 'schema.type'],
    [{ type: 'integer', minimum: 3, maximum: 2 }, 'schema'],
    [{ enum: ['a'], type: 'integer' }, 'schema'],
    [{ $ref: '#/$defs/missing' }, 'schema.$ref'],
    [{ $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' }, 'schema.$defs.a.anyOf[0].$ref'],
    [{ type: 'object', properties: {}, required: ['a'], additionalProperties: false }, 'schema.required'],
    [{ type: 'array', minItems: -1 }, 'schema.minItems'],
  ])('refuses broken schemas: %j', (schema, param) => {
    expect(() => compile(schema)).toThrowError(expect.objectContaining({ kind: 'invalid_request', param }));
  });

  it('takes annotations without a word', () => {
    const annotated = { type: 'null', title: 'T', description: 'D', default: null, examples: [null], 'x-order': 1 };
    expect(compile(annotated)).toBe('root ::= "null"');
  });

  it('writes required properties always, optional ones or not, in their order', () => {
    const grammar = compile({
      type: 'object',
      properties: { a: { const: 1 }, b: { const: 2 } },
      required: ['b'],
    });
    expect(grammar.split('\n')).toEqual([
      'root ::= r6',
      'r0 ::= "\\"a\\":" " "? "1"',
      'r1 ::= "\\"b\\":" " "? "2"',
      'r2 ::= r1 ""',
      'r3 ::= "," " "? r1 ""',
      'r4 ::= r0 r3 | r2',
      'r5 ::= "," " "? r0 r3 | r3',
      'r6 ::= "{" r4 "}"',
    ]);
  });

  it('follows references, also to the schema itself', () => {
    const tree: JsonSchema = {
      type: 'object',
      properties: { children: { type: 'array', items: { $ref: '#' } } },
      required: ['children'],
    };
    expect(compile(tree)).toContain('"\\"children\\":"');
  });
});
