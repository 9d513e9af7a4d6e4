import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { createTestApi } from '../../../test/create-test-api.ts';
import { routes } from '../../routes.ts';

async function fetchDocument(): Promise<Record<string, Record<string, Record<string, unknown>>>> {
  const response = await createTestApi().fetch('/api/openapi.json');
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
}

describe('GET /api/openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(await fetchDocument());
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('has every route, itself too, and says which are public', async () => {
    const { paths = {} } = await fetchDocument();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(described.sort()).toEqual([...served, 'GET /api/openapi.json'].sort());
    expect(paths['/healthz']?.get).toMatchObject({ security: [] });
    expect(paths['/v1/models']?.get).toMatchObject({ security: [{ apiKey: [] }] });
  });

  it('says what is text and no JSON', async () => {
    const { paths = {} } = await fetchDocument();
    const exported = paths['/api/admin/predictions/export']?.['get'];
    expect(exported).toMatchObject({ responses: { 200: { description: 'Success.' } } });
    const { responses } = exported as { readonly responses: Readonly<Record<string, { readonly content: object }>> };
    expect(responses['200']?.content).toEqual({
      'application/x-ndjson': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string' } },
    });
  });

  it('refers only to components that it has', async () => {
    const text = JSON.stringify(await fetchDocument());
    const { components = {} } = JSON.parse(text);
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(names));
    expect(names).toContain('ChatCompletionRequest');
  });
});
