import { errorResponseSchema } from '@scarmonit/protocol/openai/error';
import { z } from 'zod';
import type { BodyDescription, Route } from '../../route.ts';

type Json = Record<string, unknown>;
type SchemasByName = Readonly<Record<string, z.ZodType>>;

/**
 * The API in OpenAPI 3.1, made from the table of routes and the schemas that requests are parsed with.
 * Source: https://spec.openapis.org/oas/v3.1.0
 */
export function buildDocument(routes: readonly Route[]): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Scarmonit agent API',
      version: '1.0.0',
      description: 'OpenAI-compatible inference over versioned models, and their management.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'OpenAI' }, { name: 'Inference' }, { name: 'Health' }, { name: 'Admin' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of this server.' } },
    },
  };
}

function describeRoute({ path, access, limited, operation }: Route, components: Json): Json {
  const { answer, body, query } = operation;
  const served = limited ? { headers: { 'X-Model-Version': versionHeader('The version that answered.') } } : {};
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.tag],
    security: access === 'public' ? [] : [{ apiKey: [] }],
    ...(access === 'public' ? {} : { description: `Needs a key with the scope \`${access}\`.` }),
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...(query === undefined ? [] : describeQuery(query)),
      ...(limited ? [pinParameter] : []),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: describeBody(body, components) } }),
    responses: {
      [answer.status]: {
        description: 'Success.',
        ...served,
        content: {
          ...(answer.texts === undefined
            ? { 'application/json': { schema: refer(answer.schemas, 'output', components) } }
            : Object.fromEntries(answer.texts.map((type) => [type, { schema: { type: 'string' } }]))),
          ...(answer.events === undefined
            ? {}
            : { 'text/event-stream': { schema: refer(answer.events, 'output', components) } }),
        },
      },
      default: {
        description: 'Any failure, in the shape of OpenAI.',
        content: { 'application/json': { schema: refer({ Error: errorResponseSchema }, 'output', components) } },
      },
    },
  };
}

const versionHeader = (description: string): Json => ({ description, schema: { type: 'string' } });

const pinParameter: Json = {
  name: 'X-Model-Version',
  in: 'header',
  required: false,
  ...versionHeader('Pins a version, `stable` or `candidate`.'),
};

function describeBody(body: BodyDescription, components: Json): Json {
  return body.contentType === 'text/yaml'
    ? { 'text/yaml': { schema: { type: 'string' } } }
    : { 'application/json': { schema: refer(body.schemas, 'input', components) } };
}

function describeQuery(query: z.ZodObject): Json[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'output' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

/** Puts the schemas among the components and points at them. */
function refer(schemas: SchemasByName | undefined, io: 'input' | 'output', components: Json): Json {
  const references = Object.entries(schemas ?? {}).map(([name, schema]) => {
    components[name] ??= toComponent(schema, io);
    return { $ref: `#/components/schemas/${name}` };
  });
  const [only] = references;
  if (only === undefined) {
    return { type: 'object' };
  }
  return references.length === 1 ? only : { anyOf: references };
}

function toComponent(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...component } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return component;
}
