import { parseManifest } from '@scarmonit/core/manifest/parse-manifest';
import { describe, expect, it } from 'vitest';
import { addVersionToYaml, type NewVersion } from './add-version-to-yaml.ts';
import { readYaml } from './read-yaml.ts';

const digest = '1'.repeat(64);
const added: NewVersion = {
  model: 'better-chat',
  task: 'chat',
  version: '1.0.0',
  runtime: 'llama-cpp',
  sha256: digest,
  sources: ['hf:owner/repo/file.gguf@abc'],
  bytes: 123,
};
const text = `# The starter models.
apiVersion: scarmonit/v1 # do not change
models:
  # small and quick
  tiny:
    task: chat
    stable: 1.0.0
    versions:
      1.0.0: # first
        runtime: llama-cpp
        artifact: { sha256: "${digest}", from: [ { sources: [ "file:a.gguf" ], sha256: "${digest}" } ] }
`;

describe('addVersionToYaml', () => {
  it('adds a model and keeps every line that was there', () => {
    const edited = addVersionToYaml(text, added);
    expect(edited.startsWith(text)).toBe(true);
    expect(parseManifest(readYaml(edited)).models[1]).toMatchObject({
      name: 'better-chat',
      stable: '1.0.0',
      versions: [{ artifact: { sha256: digest, from: [{ name: 'file.gguf', bytes: 123 }] } }],
    });
  });

  it('adds a version to a model and leaves its stable version alone', () => {
    const edited = addVersionToYaml(text, { ...added, model: 'tiny', version: '1.1.0' });
    expect(edited.startsWith(text)).toBe(true);
    expect(edited.slice(text.length)).toMatch(/^ {6}1\.1\.0:\n {8}runtime: llama-cpp\n/);
    const [model] = parseManifest(readYaml(edited)).models;
    expect(model?.stable).toBe('1.0.0');
    expect(model?.versions.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0']);
  });

  it('adds in the middle of a file, before what follows the versions', () => {
    const edited = addVersionToYaml(`${text}    # kept\n    goals: { maxLatencyMs: 5 } # kept too`, {
      ...added,
      model: 'tiny',
      version: '1.1.0',
    });
    expect(edited.startsWith(text)).toBe(true);
    expect(edited.endsWith('    # kept\n    goals: { maxLatencyMs: 5 } # kept too')).toBe(true);
    expect(parseManifest(readYaml(edited)).models[0]?.versions).toHaveLength(2);
  });

  it('keeps the line ends of Windows', () => {
    const edited = addVersionToYaml(text.replaceAll('\n', '\r\n'), added);
    expect(edited.replaceAll('\r\n', '')).not.toContain('\n');
    expect(parseManifest(readYaml(edited)).models).toHaveLength(2);
  });

  it('lays out a one-line mapping anew and keeps its comments', () => {
    const edited = addVersionToYaml('# top\napiVersion: scarmonit/v1\nmodels: {} # none yet\n', added);
    expect(edited).toContain('# top');
    expect(edited).toContain('# none yet');
    expect(parseManifest(readYaml(edited)).models).toHaveLength(1);
  });

  it('never changes what a text block at the end says', () => {
    const block = `${text}    requirements:\n      gpu: |+\n        none\n\n`;
    expect(readYaml(addVersionToYaml(block, added)).value).toMatchObject({
      models: { tiny: { requirements: { gpu: 'none\n\n' } } },
    });
  });

  it.each(['', '# nothing yet\n', 'apiVersion: scarmonit/v1\nmodels: {}\n', 'apiVersion: scarmonit/v1\nmodels:\n'])(
    'starts a manifest that has no models (%#)',
    (empty) => {
      expect(parseManifest(readYaml(addVersionToYaml(empty, added))).models).toHaveLength(1);
    },
  );

  it('refuses to overwrite a version, and a task that does not fit', () => {
    expect(() => addVersionToYaml(text, { ...added, model: 'tiny' })).toThrow('versions never change');
    expect(() => addVersionToYaml(text, { ...added, model: 'tiny', version: '2.0.0', task: 'embedding' })).toThrow(
      'has the task chat',
    );
  });
});
