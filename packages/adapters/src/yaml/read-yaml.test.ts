import { ManifestError } from '@scarmonit/core/manifest/manifest-error';
import { parseManifest } from '@scarmonit/core/manifest/parse-manifest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readYaml } from './read-yaml.ts';

const digest = 'a'.repeat(64);
const valid = `# starter
apiVersion: scarmonit/v1
models:
  tiny:
    task: chat
    stable: 1.0.0
    versions:
      1.0.0:
        runtime: llama-cpp
        artifact:
          sha256: "${digest}"
          from:
            - { sources: ["file:a.gguf"], sha256: "${digest}" }
`;

function issuesOf(text: string) {
  try {
    parseManifest(readYaml(text));
  } catch (error) {
    if (error instanceof ManifestError) return error.issues;
    throw error;
  }
  return [];
}

describe('readYaml', () => {
  it('reads a manifest', () => {
    expect(parseManifest(readYaml(valid)).models[0]?.stable).toBe('1.0.0');
  });

  it('finds the lines of keys, list items and values inside flow mappings', () => {
    const { lineOf } = readYaml(valid);
    expect(lineOf(['models', 'tiny', 'versions', '1.0.0'])).toBe(8);
    expect(lineOf(['models', 'tiny', 'versions', '1.0.0', 'artifact', 'from', 0])).toBe(13);
    expect(lineOf(['models', 'tiny', 'nothing'])).toBeUndefined();
  });

  it('finds lines through aliases', () => {
    const { lineOf } = readYaml('a: &x\n  b: 1\nc: *x\n');
    expect(lineOf(['c', 'b'])).toBe(2);
  });

  it('names key, line and the nearest known key', () => {
    expect(issuesOf(valid.replace('    stable:', '    goals: { maxLatency: 5 }\n    stable:'))).toEqual([
      {
        path: 'models.tiny.goals.maxLatency',
        line: 6,
        message: 'models.tiny.goals.maxLatency is not a known key; did you mean maxLatencyMs?',
      },
    ]);
  });

  it.each([
    [
      'a duplicate key',
      `${valid}apiVersion: scarmonit/v1\n`,
      14,
      'apiVersion is given twice in the same mapping; keep one of them.',
    ],
    ['a tab', 'a:\n\tb: 1\n', 2, 'A tab is used to indent, which YAML does not allow; use spaces.'],
    [
      'two documents',
      `${valid}---\na: 1\n`,
      14,
      'The file holds several YAML documents; keep one and remove the --- lines.',
    ],
    ['a tag', 'a: !!js/function x\n', 1, /tag cannot be used/],
    ['a key that is a list', '? [a, b]\n: 1\n', 1, 'Keys must be plain text; write the key as one word or in quotes.'],
    ['an open quote', 'a: 1\nb: "x\n', 3, /The YAML cannot be read/],
  ])('explains %s with its line', (_what, text, line, message) => {
    expect(issuesOf(text)[0]).toMatchObject({ line, message: expect.stringMatching(message) });
  });

  it('reads versions that look like numbers as they are written', () => {
    expect(readYaml('1.10: x').value).toEqual({ '1.10': 'x' });
  });

  it('refuses an alias bomb quickly', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(10)}]`,
    );
    expect(issuesOf(`l0: &l0 x\n${levels.join('\n')}\n`)[0]?.message).toContain('aliases');
  });

  it('refuses what contains itself, what is nested by the thousand, and what is huge', () => {
    expect(issuesOf('apiVersion: &a [*a]')[0]?.message).toContain('alias');
    expect(
      issuesOf(Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'))[0]?.message,
    ).toContain('nested');
    expect(issuesOf('['.repeat(50_000))[0]?.message).toContain('nested');
    expect(issuesOf(`a: "${'x'.repeat(1024 * 1024)}"`)[0]?.message).toContain('1 MiB');
  });
});

const name = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const semver = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map((numbers) => numbers.join('.'));
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const share = fc.double({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true });
const part = fc.record({
  name: fc.stringMatching(/^[a-z]{1,12}\.bin$/),
  sources: fc.array(fc.stringMatching(/^(npm:[a-z]{1,9}@1\.0\.0|hf:own\/repo|https:\/\/host\.test)\/[a-z]{1,9}$/), {
    minLength: 1,
    maxLength: 3,
  }),
  sha256,
  bytes: fc.integer({ min: 1 }),
});
const version = fc.record({
  runtime: fc.constantFrom('llama-cpp', 'onnx'),
  artifact: fc.record({ sha256, from: fc.array(part, { minLength: 1, maxLength: 3 }), recipe: fc.constant('concat') }),
  options: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,12}$/),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null)),
    { noNullPrototype: true },
  ),
  prices: fc.record({
    perRequestUsd: share,
    inputPerMillionTokensUsd: share,
    outputPerMillionTokensUsd: share,
    perSecondUsd: share,
  }),
  timeoutMs: fc.integer({ min: 1 }),
  fallbacks: fc.constant([]),
});
const model = fc
  .record({
    task: fc.constantFrom('chat', 'embedding', 'classification'),
    goals: fc.record({ minAccuracy: share, maxErrorRate: share }, { requiredKeys: [], noNullPrototype: true }),
    requirements: fc.record(
      { memoryMb: fc.integer({ min: 1 }), gpu: fc.constantFrom('none', 'cuda') },
      { requiredKeys: [], noNullPrototype: true },
    ),
    versions: fc.dictionary(semver, version, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  })
  .chain((body) => fc.constantFrom(...Object.keys(body.versions)).map((stable) => ({ ...body, stable })));

describe('any manifest', () => {
  it('comes back as it was declared when it is valid', () => {
    fc.assert(
      fc.property(fc.dictionary(name, model, { maxKeys: 3, noNullPrototype: true }), (models) => {
        const parsed = parseManifest(readYaml(stringify({ apiVersion: 'scarmonit/v1', models })));
        const declared = Object.entries(models).map(([name, { versions, ...rest }]) => ({
          name,
          ...rest,
          versions: Object.entries(versions).map(([version, body]) => ({
            model: name,
            version,
            task: rest.task,
            ...body,
          })),
        }));
        expect(parsed.models).toEqual(declared);
      }),
      { numRuns: 100 },
    );
  });

  it('is refused with a ManifestError and nothing else when it is junk', () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          'a',
          ':',
          ' ',
          '\n',
          '  ',
          '- ',
          '&x ',
          '*x',
          '{',
          '}',
          '[',
          ']',
          '"',
          "'",
          '!!int ',
          '|',
          '>',
          '#',
          '? ',
          '---\n',
          '%YAML 1.1\n---\n',
          '<<: ',
          '\t',
          '\u0000',
          '\ud800',
          '1',
          '~',
          ',',
        ),
      )
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(
        fc.oneof(
          yamlish,
          fc.string({ unit: 'binary' }),
          fc.anything().map((value) => String(JSON.stringify(value))),
        ),
        (text) => {
          expect(() => parseManifest(readYaml(text))).toThrow(ManifestError);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('still gives a manifest or a ManifestError when any of its characters are changed', () => {
    fc.assert(
      fc.property(fc.nat(valid.length), fc.nat(8), fc.string(), (at, removed, added) => {
        try {
          parseManifest(readYaml(valid.slice(0, at) + added + valid.slice(at + removed)));
        } catch (error) {
          expect(error).toBeInstanceOf(ManifestError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
