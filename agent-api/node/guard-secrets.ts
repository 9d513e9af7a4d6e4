import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '@scarmonit/core/manifest/manifest';
import { listSecretUses } from '@scarmonit/core/manifest/secret-uses';
import {
  createSecretGuard,
  isBindable,
  type SecretBindings,
  type SecretGuard,
  toBoundAddress,
} from '../secret-bindings.ts';
import type { HostConfig } from './config.ts';

type GuardConfig = Pick<HostConfig, 'dataDir' | 'configPath' | 'lookUpSecret' | 'secretBindings'>;

/**
 * Guards the secrets of this host: each goes where `SCARMONIT_SECRET_ORIGINS` says, and where the manifest file has said. The
 * latter is read from the data directory at each use, so that every process of the host knows it.
 */
export function createNodeSecretGuard({ dataDir, configPath, lookUpSecret, secretBindings }: GuardConfig): SecretGuard {
  return createSecretGuard({
    lookUp: lookUpSecret,
    bindings: () => unite(secretBindings, readDeclared(dataDir)),
    explainRemedy: (entry) =>
      `Declare the address for it in ${configPath}, the server's own manifest, or add ${entry} to SCARMONIT_SECRET_ORIGINS where the server starts. What comes over HTTP cannot bind secrets.`,
  });
}

/**
 * Binds the secrets that the manifest file names to the addresses that it sends them to, and keeps that: a version that the file
 * no longer names may still have traffic, or come back.
 * @param mode `start`: what was kept of a secret that `SCARMONIT_SECRET_ORIGINS` names is forgotten, since the operator says it anew
 * @throws Error that names the file of the bindings when that cannot be read or written
 */
export function bindDeclaredSecrets(
  { dataDir, secretBindings }: GuardConfig,
  manifest: Manifest,
  mode: 'start' | 'change',
): void {
  const before = readDeclared(dataDir);
  const kept = [...before].filter(([name]) => mode === 'change' || !secretBindings.has(name));
  const bindings = unite(new Map(kept), readManifestBindings(manifest));
  if (toText(bindings) === toText(before)) return;
  const path = pathIn(dataDir);
  writeFileSync(`${path}.new`, toText(bindings), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Where secrets may go now and with the next start, by what the environment, the manifest file and earlier ones say. */
export function listBindings({ dataDir, secretBindings }: GuardConfig, manifest: Manifest): SecretBindings {
  return unite(unite(secretBindings, readDeclared(dataDir)), readManifestBindings(manifest));
}

function readManifestBindings({ models }: Manifest): SecretBindings {
  const bindings = new Map<string, readonly string[]>();
  for (const { name, baseUrl } of models.flatMap(({ versions }) =>
    versions.flatMap((spec) => [...listSecretUses(spec)]),
  )) {
    const address = toBoundAddress(baseUrl);
    if (address !== undefined && isBindable(name)) bindings.set(name, [...(bindings.get(name) ?? []), address]);
  }
  return bindings;
}

function unite(one: SecretBindings, other: SecretBindings): SecretBindings {
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  return new Map(
    names.map((name) => [name, [...new Set([...(one.get(name) ?? []), ...(other.get(name) ?? [])])].sort()]),
  );
}

const pathIn = (dataDir: string): string => join(dataDir, 'secret-origins.json');

const toText = (bindings: SecretBindings): string => `${JSON.stringify(Object.fromEntries(bindings), null, 2)}\n`;

function readDeclared(dataDir: string): SecretBindings {
  const path = pathIn(dataDir);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new Map(entries.map(([name, addresses]) => [name, Array.from(addresses as Iterable<unknown>, String)]));
  } catch (cause) {
    throw new Error(`${path} is damaged. Delete it: it is made anew from the manifest file at the next start.`, {
      cause,
    });
  }
}
