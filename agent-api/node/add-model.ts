import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { readHubFile } from '@scarmonit/adapters/artifact-sources/https/hub/read-hub-file';
import { addVersionToYaml } from '@scarmonit/adapters/yaml/add-version-to-yaml';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Task } from '@scarmonit/core/registry/version-spec';
import type { HostConfig } from './config.ts';
import { readManifestText } from './read-manifest-file.ts';

export interface AddModelRequest {
  /** `hf:OWNER/REPO/FILE[@REVISION]`. */
  readonly source: string;
  /** Absent: made from the file's name. */
  readonly name: string | undefined;
  readonly task: Task;
  readonly version: string;
  readonly signal: AbortSignal;
}

export interface AddedModel {
  readonly model: string;
  readonly version: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly manifestPath: string;
  /** The lines that are new in the manifest. */
  readonly addedLines: readonly string[];
}

/**
 * Writes a version of a hub's model into the manifest, pinned by commit, size and digest as the hub tells them. Nothing
 * is downloaded, and a version that is there is never overwritten.
 * @throws ScarmonitError that says what to change: the source, the name, the version, or what is wrong in the manifest
 */
export async function addModel(config: HostConfig, request: AddModelRequest): Promise<AddedModel> {
  const { source, task, version, signal } = request;
  if (!/\.gguf(@[^@/]*)?$/i.test(source) || task !== 'chat') {
    throw new ScarmonitError(
      'unsupported',
      `Only chat models in GGUF files can be added from a hub; ${source} for ${task} is none. Name a .gguf file: hf:OWNER/REPO/FILE.gguf`,
    );
  }
  const model = request.name ?? nameOf(source);
  const before = await readOrStart(config.configPath);
  const { sha256, bytes, pinned } = await readHubFile(source, { ...config.hub, signal });
  const after = addVersionToYaml(before, {
    model,
    task,
    version,
    runtime: 'llama-cpp',
    sha256,
    sources: [pinned],
    bytes,
  });
  // What would not be accepted later is refused now, while the file is as it was.
  readManifestText(after);
  await replaceFile(config.configPath, after);
  return { model, version, sha256, bytes, manifestPath: config.configPath, addedLines: addedLines(before, after) };
}

/** `Llama-3.2-3B-Instruct-Q4_K_M.gguf` → `llama-3.2-3b-instruct-q4_k_m`. */
function nameOf(source: string): string {
  const file = source
    .replace(/@[^@/]*$/, '')
    .replace(/^.*\//, '')
    .replace(/\.gguf$/i, '');
  return file
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
}

async function readOrStart(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new Error(`The manifest ${path} cannot be read. Check that it is a file that you may read.`, {
      cause: error,
    });
  }
}

/** In one step, so that a server that reads along never sees half a manifest. */
async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomUUID()}`;
  try {
    await writeFile(fresh, text, { flag: 'wx' });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw new Error(`The manifest ${path} cannot be written. Check that you may write in its folder.`, {
      cause: error,
    });
  }
}

/** The lines of `after` between what both have at the start and at the end. */
function addedLines(before: string, after: string): readonly string[] {
  const old = before.split(/\r?\n/);
  const lines = after.split(/\r?\n/);
  let start = 0;
  while (start < old.length && old[start] === lines[start]) start++;
  let end = 0;
  while (end < old.length - start && old.at(-1 - end) === lines.at(-1 - end)) end++;
  return lines.slice(start, lines.length - end).filter((line) => line.trim() !== '');
}
