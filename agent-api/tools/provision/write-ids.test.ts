import { expect, it } from 'vitest';
import { writeIds } from './write-ids.ts';

const text = `{
  // "env": { "production": { "d1_databases": [{ "binding": "DB", "database_id": "in a comment" }] } }
  "d1_databases": [{ "binding": "DB", "database_id": "top" }],
  "env": {
    "staging": { "d1_databases": [{ "binding": "DB", "database_id": "0" }] },
    "production": {
      "vars": { "BRACES": "}{", "URL": "https://example.com" }, /* { "binding": "DB", "database_id": "no" } */
      "d1_databases": [
        // The store.
        { "binding": "OTHER", "database_id": "1" },
        { "database_id": "0-0", "binding": "DB" }
      ],
      "kv_namespaces": [{ "binding": "DB", "id": "a" }]
    }
  }
}
`;

it('changes the ids of one environment and nothing else', () => {
  const written = writeIds(text, 'production', [
    { binding: 'DB', field: 'database_id', id: 'made' },
    { binding: 'DB', field: 'id', id: 'also-made' },
  ]);
  expect(written).toBe(text.replace('"0-0"', '"made"').replace('"a"', '"also-made"'));
});

it('says what to write by hand where it finds no place for an id', () => {
  expect(() => writeIds(text, 'production', [{ binding: 'CACHE', field: 'id', id: 'made' }])).toThrow(
    'wrangler.jsonc has no id of the binding CACHE under env.production. Write it there yourself: made',
  );
  expect(() => writeIds(text, 'nowhere', [{ binding: 'DB', field: 'id', id: 'made' }])).toThrow('under env.nowhere');
});
