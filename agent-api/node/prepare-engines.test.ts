import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PreparedEngines } from '@scarmonit/adapters/engine-process/prepared-engines';
import type { LiveModel } from '@scarmonit/core/deployments/deployments';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { findEngineModule } from './engine-modules.ts';
import { prepareEngines, rememberEngines } from './prepare-engines.ts';

/** A model with versions of these runtimes, each in this state. */
const model = (...versions: readonly (readonly [runtime: string, state: string])[]): LiveModel =>
  ({
    versions: new Map(versions.map(([runtime, state], position) => [`${position}`, { spec: { runtime }, state }])),
  }) as unknown as LiveModel;

describe('preparing engines', () => {
  let dataDir: string;
  let engines: PreparedEngines | undefined;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'scarmonit-engines-'));
  });
  afterEach(() => {
    engines?.close();
    rmSync(dataDir, { recursive: true });
  });

  /** How many processes are there for this runtime. */
  const count = (runtime: 'onnx' | 'llama-cpp'): number => {
    let taken = 0;
    for (let child = engines?.take(findEngineModule(runtime)); child !== undefined; taken += 1) {
      child.kill('SIGKILL');
      child = engines?.take(findEngineModule(runtime));
    }
    return taken;
  };
  const prepare = (): void => {
    engines = prepareEngines(readConfig({ SCARMONIT_DATA_DIR: dataDir }));
  };

  it('forks one for each engine that the last start had in use', () => {
    rememberEngines(dataDir, [
      model(['onnx', 'ready'], ['onnx', 'failed']),
      model(['openai-compatible', 'ready'], ['onnx', 'ready']),
    ]);
    prepare();
    expect([count('onnx'), count('llama-cpp')]).toEqual([2, 0]);
  });

  it('forgets engines that are no longer in use', () => {
    rememberEngines(dataDir, [model(['onnx', 'ready'])]);
    rememberEngines(dataDir, [model(['openai-compatible', 'ready'])]);
    prepare();
    expect(count('onnx')).toBe(0);
  });

  it('forks none at a first start, and none for what it does not know', () => {
    prepare();
    expect(count('onnx')).toBe(0);
    writeFileSync(join(dataDir, 'engines-in-use'), '../../onnx\n__proto__\n\u0000');
    prepare();
    expect([count('onnx'), count('llama-cpp')]).toEqual([0, 0]);
  });

  it('lets a start succeed whose data directory takes no more files', () => {
    rememberEngines(join(dataDir, 'missing'), [model(['onnx', 'ready'])]);
    expect(existsSync(join(dataDir, 'missing'))).toBe(false);
  });
});
