import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { findEngineModule } from './engine-modules.ts';
import { prepareEngines } from './prepare-engines.ts';
import { readManifestText } from './read-manifest-file.ts';

const here = 'a'.repeat(64);
const elsewhere = 'b'.repeat(64);
const manifest = readManifestText(`
apiVersion: scarmonit/v1
models:
  vectors:
    task: embedding
    stable: 1.0.0
    versions:
      1.0.0: { runtime: onnx, artifact: { sha256: ${here}, from: [{ sources: ["file:a"], sha256: ${here} }] } }
      1.1.0: { runtime: onnx, artifact: { sha256: ${elsewhere}, from: [{ sources: ["file:b"], sha256: ${elsewhere} }] } }
  chat:
    task: chat
    stable: 1.0.0
    versions:
      1.0.0: { runtime: openai-compatible, baseUrl: "http://127.0.0.1:9/v1", model: m }
`);

describe('preparing engines', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'scarmonit-engines-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('forks one for each version whose artifact is here', () => {
    mkdirSync(join(dataDir, 'artifacts', 'sha256'), { recursive: true });
    writeFileSync(join(dataDir, 'artifacts', 'sha256', here), 'bytes');
    const engines = prepareEngines(readConfig({ SCARMONIT_DATA_DIR: dataDir }), manifest);
    const child = engines.take(findEngineModule('onnx'));
    expect(child?.pid).toBeGreaterThan(0);
    child?.kill('SIGKILL');
    expect(engines.take(findEngineModule('onnx'))).toBeUndefined();
    expect(engines.take(findEngineModule('llama-cpp'))).toBeUndefined();
  });

  it('forks none at a first start, when everything has yet to be fetched', () => {
    const engines = prepareEngines(readConfig({ SCARMONIT_DATA_DIR: dataDir }), manifest);
    expect(engines.take(findEngineModule('onnx'))).toBeUndefined();
  });
});
