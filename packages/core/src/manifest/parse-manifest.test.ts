import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManifestDocument } from './manifest.ts';
import { ManifestError } from './manifest-error.ts';
import { parseManifest } from './parse-manifest.ts';

const digest = 'a'.repeat(64);

function version(changes: Record<string, unknown> = {}) {
  return {
    runtime: 'llama-cpp',
    artifact: { sha256: digest, from: [{ sources: ['npm:pkg-part1@0.1.0/model.part'], sha256: digest }] },
    ...changes,
  };
}

function manifest(changes: Record<string, unknown> = {}) {
  return {
    apiVersion: 'scarmonit/v1',
    models: { tiny: { task: 'chat', stable: '1.0.0', versions: { '1.0.0': version() }, ...changes } },
  };
}

function asDocument(value: unknown): ManifestDocument {
  return { value, lineOf: () => undefined };
}

function messagesOf(value: unknown): readonly string[] {
  try {
    parseManifest(asDocument(value));
  } catch (error) {
    if (error instanceof ManifestError) return error.issues.map(({ message }) => message);
    throw error;
  }
  return [];
}

describe('parseManifest', () => {
  it('fills in what a version does not say', () => {
    const [model] = parseManifest(asDocument(manifest())).models;
    expect(model).toEqual({
      name: 'tiny',
      task: 'chat',
      goals: {},
      requirements: {},
      stable: '1.0.0',
      versions: [
        {
          model: 'tiny',
          version: '1.0.0',
          task: 'chat',
          runtime: 'llama-cpp',
          artifact: {
            sha256: digest,
            from: [{ sources: ['npm:pkg-part1@0.1.0/model.part'], sha256: digest, name: 'model.part' }],
            recipe: 'concat',
          },
          options: {},
          prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
          timeoutMs: 120_000,
          fallbacks: [],
        },
      ],
    });
  });

  it.each([
    ['npm:@scope/pkg@1.0.0/dist/model.json', 'model.json'],
    ['hf:owner/repo/dir/file.gguf@0123abcd', 'file.gguf'],
    ['https://example.test/a/b.bin?download=1', 'b.bin'],
    ['file:models/b.bin', 'b.bin'],
    ['file:b.bin', 'b.bin'],
  ])('names the part of %s', (source, name) => {
    const artifact = { sha256: digest, from: [{ sources: [source], sha256: digest }] };
    const [model] = parseManifest(asDocument(manifest({ versions: { '1.0.0': version({ artifact }) } }))).models;
    expect(model?.versions[0]).toMatchObject({ artifact: { from: [{ name }] } });
  });

  it.each<[string, unknown, string]>([
    [
      'a near key',
      manifest({ goals: { maxLatency: 5 } }),
      'models.tiny.goals.maxLatency is not a known key; did you mean maxLatencyMs?',
    ],
    [
      'another spelling',
      manifest({ goals: { max_error_rate: 0.1 } }),
      'models.tiny.goals.max_error_rate is not a known key; did you mean maxErrorRate?',
    ],
    [
      'a far key',
      manifest({ wibble: 1 }),
      'models.tiny.wibble is not a known key; known here are task, goals, requirements, stable, versions, rollout, maintenance.',
    ],
    [
      'a stable that is not declared',
      manifest({ stable: '2.0.0' }),
      'models.tiny.stable is 2.0.0, which is not among the versions; declare it or choose 1.0.0.',
    ],
    [
      'a missing field',
      { apiVersion: 'scarmonit/v1', models: { tiny: { task: 'chat', versions: { '1.0.0': version() } } } },
      'models.tiny.stable is missing; it must be a semantic version such as 1.0.0 (in quotes if YAML would read it as a number).',
    ],
    [
      'a share above one',
      manifest({ goals: { minAccuracy: 95 } }),
      'models.tiny.goals.minAccuracy must be a number between 0 and 1.',
    ],
    [
      'an unknown task',
      manifest({ task: 'translate' }),
      'models.tiny.task must be one of chat, embedding, classification.',
    ],
    [
      'a bad model name',
      { ...manifest(), models: { 'Tiny Model': manifest().models.tiny } },
      'models["Tiny Model"] is a name that must be up to 64 of a-z, 0-9, dot, dash and underscore, the first a letter or digit.',
    ],
    [
      'a bad version',
      manifest({ stable: '1.0', versions: { '1.0': version() } }),
      'models.tiny.versions["1.0"] is a name that must be a semantic version such as 1.0.0 (in quotes if YAML would read it as a number).',
    ],
    [
      'a short digest',
      manifest({
        versions: {
          '1.0.0': version({ artifact: { sha256: 'abc', from: [{ sources: ['file:x'], sha256: digest }] } }),
        },
      }),
      'models.tiny.versions["1.0.0"].artifact.sha256 must be a SHA-256 of 64 hex digits (in quotes).',
    ],
    [
      'an unknown scheme',
      manifest({
        versions: {
          '1.0.0': version({ artifact: { sha256: digest, from: [{ sources: ['ftp://x/y'], sha256: digest }] } }),
        },
      }),
      'models.tiny.versions["1.0.0"].artifact.from[0].sources[0] must be npm:PACKAGE@VERSION/FILE, hf:OWNER/REPO/FILE, https://… or file:PATH.',
    ],
    ['no versions', manifest({ versions: {} }), 'models.tiny.versions must hold at least one version, such as 1.0.0.'],
    ['an empty file', null, 'The manifest must be a mapping with apiVersion and models.'],
    [
      'what is not JSON',
      manifest({ versions: { '1.0.0': version({ options: { threads: Number.NaN } }) } }),
      'models.tiny.versions["1.0.0"].options.threads must be a finite number.',
    ],
    [
      '__proto__',
      manifest({ versions: { '1.0.0': version({ options: JSON.parse('{"__proto__":1}') }) } }),
      'models.tiny.versions["1.0.0"].options.__proto__ is not allowed as a key; choose another name.',
    ],
  ])('explains %s', (_what, value, message) => {
    expect(messagesOf(value)).toContain(message);
  });

  it('reports every problem at once, each unknown key by itself', () => {
    expect(messagesOf({ ...manifest({ task: 1 }), colour: 1, modles: {} })).toHaveLength(3);
  });

  it('refuses data that contains itself', () => {
    const options: Record<string, unknown> = {};
    options.self = options;
    expect(messagesOf(manifest({ versions: { '1.0.0': version({ options }) } }))[0]).toContain('contains itself');
  });

  it('names the line of the key, or of the nearest thing around it that exists', () => {
    const lines: Record<string, number> = { 'models.tiny': 3, 'models.tiny.goals': 7 };
    const document = {
      value: manifest({ goals: { x: 1 } }),
      lineOf: (path: readonly unknown[]) => lines[path.join('.')],
    };
    expect(() => parseManifest(document)).toThrow(/Line 7: models\.tiny\.goals\.x/);
  });

  it('answers any data with a manifest or a ManifestError', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withBigInt: true }), (junk) => {
        for (const value of [
          junk,
          { apiVersion: 'scarmonit/v1', models: junk },
          manifest({ goals: junk }),
          manifest({ versions: junk }),
        ]) {
          try {
            parseManifest(asDocument(value));
          } catch (error) {
            expect(error).toBeInstanceOf(ManifestError);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
