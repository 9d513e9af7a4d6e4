import { readYaml } from '@scarmonit/adapters/yaml/read-yaml';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Manifest } from '@scarmonit/core/manifest/manifest';
import { parseManifest } from '@scarmonit/core/manifest/parse-manifest';
import type { ExplainSecretUse } from '@scarmonit/core/manifest/secret-uses';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { KeyValueStore } from '@scarmonit/core/ports/key-value-store';
import type { LeaseRepository } from '@scarmonit/core/ports/lease-repository';
import type { AppliedManifest, ManifestRepository } from '@scarmonit/core/ports/manifest-repository';
import type { VersionRepository } from '@scarmonit/core/ports/version-repository';
import type { ManifestChanges } from '@scarmonit/core/services/agent-services';
import type { ApplyManifest } from '@scarmonit/core/services/apply-manifest';
import {
  createVersionRegistrar,
  type RegistryPorts,
  refuseEditedVersions,
} from '@scarmonit/core/services/register-version';
import { refuseLocalEngines } from './local-engines.ts';
import { log } from './log.ts';

export interface WantedManifestParts {
  readonly repository: ManifestRepository;
  /** Holds the newest text near each isolate; its revision says whether it still is the newest. */
  readonly cache: KeyValueStore;
  readonly registry: RegistryPorts;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'next'>;
  readonly leases: LeaseRepository;
  /** Makes what puts one manifest in place in this isolate. */
  createChange(): Pick<ApplyManifest, 'apply'>;
  /** Served as revision 0, until one is applied. */
  readonly defaultText: string;
  /** Asked of what is to be applied. What was applied stays, and is asked for each secret again when that is looked up. */
  readonly explainSecretUse: ExplainSecretUse;
  waitUntil(work: Promise<unknown>): void;
}

const cacheName = 'model:config';
/** A change that has not ended by then was cut off with its request. */
const longestChangeMs = 30_000;
/** D1 holds 2 MB in a row (developers.cloudflare.com/d1/platform/limits); thousands of versions fit in half of it. */
const mostManifestBytes = 1_000_000;

/** Workers have no file: the manifest that is wanted stands in the store, and every isolate follows its revision. */
export class WantedManifest {
  readonly #parts: WantedManifestParts;
  /** Of what this isolate serves; -1 when it must be put in place anew. */
  #revision = -1;
  #changingSince: number | undefined;

  constructor(parts: WantedManifestParts) {
    this.#parts = parts;
  }

  /** Puts the newest revision in place, if it is another than the one that is served. Safe to call several times at once. */
  async follow(): Promise<void> {
    const { repository, cache, registry, createChange, clock } = this.#parts;
    // A cold start saves a round trip: the text that is probably right comes along with the revision that decides.
    const isCold = this.#revision < 0;
    const [latest, cached] = await Promise.all([
      repository.latestRevision(registry.projectId),
      isCold ? this.#readCache(cache) : undefined,
    ]);
    const isChanging = this.#changingSince !== undefined && clock.now() - this.#changingSince < longestChangeMs;
    if (latest <= this.#revision || isChanging) return;
    try {
      const manifest = await this.#find(latest, cached);
      if (latest <= this.#revision) return;
      await createChange().apply(manifest, 'start');
      if (latest === 0) await this.#registerDefault(manifest);
    } catch (error) {
      // What the store failed with passes, and is tried again; what is wrong with the manifest stays wrong.
      if (!(error instanceof ScarmonitError) || error.kind === 'internal') throw error;
      log('error', 'the wanted manifest cannot be served; the last one stays', { revision: latest, error });
    }
    this.#revision = latest;
  }

  /** What is served before anything was applied stands in the registry like everything else; nobody else puts it there. */
  async #registerDefault(manifest: Manifest): Promise<void> {
    const { registry, clock } = this.#parts;
    if ((await registry.versions.firstRegistrations(registry.projectId)).size > 0) return;
    const register = createVersionRegistrar(registry, clock);
    for (const spec of manifest.models.flatMap(({ versions }) => versions)) await register(spec);
  }

  /**
   * Checks a manifest, puts it in place here and makes it the wanted one.
   * @throws ManifestError, or ScarmonitError `payload_too_large`, `unsupported` and `conflict`; nothing has changed then
   */
  async apply(text: string): Promise<ManifestChanges> {
    const { registry, leases, ids, clock, explainSecretUse } = this.#parts;
    refuseTooLarge(text);
    const manifest = readManifest(text, explainSecretUse);
    refuseLocalEngines(manifest);
    await refuseEditedVersions(manifest, registry);
    const lease = `manifest/${registry.projectId}`;
    const holder = ids.next();
    // Applying moves traffic and may start rollouts, so it is one at a time in all isolates together.
    const now = clock.now();
    if (!(await leases.hold(lease, holder, now, now + longestChangeMs))) throw changedMeanwhile();
    try {
      await this.follow();
      return await this.#change(manifest, text);
    } finally {
      await leases.release(lease, holder);
    }
  }

  async #change(manifest: Manifest, text: string): Promise<ManifestChanges> {
    const { createChange, clock } = this.#parts;
    const base = this.#revision;
    this.#changingSince = clock.now();
    try {
      const changes = await createChange().apply(manifest, 'change');
      await this.#save(manifest, { revision: base + 1, text });
      this.#revision = base + 1;
      return changes;
    } catch (error) {
      // Whatever was put in place here is not wanted: the next request follows the store again.
      this.#revision = -1;
      throw error;
    } finally {
      this.#changingSince = undefined;
    }
  }

  async #save(manifest: Manifest, applied: AppliedManifest): Promise<void> {
    const { repository, cache, registry, clock, waitUntil } = this.#parts;
    const register = createVersionRegistrar(registry, clock);
    for (const spec of manifest.models.flatMap(({ versions }) => versions)) await register(spec);
    if (!(await repository.append(registry.projectId, applied, clock.now()))) {
      throw changedMeanwhile();
    }
    waitUntil(this.#writeCache(cache, applied));
  }

  async #find(revision: number, cached: AppliedManifest | undefined): Promise<Manifest> {
    const { repository, cache, registry, defaultText, waitUntil } = this.#parts;
    if (revision === 0) return readManifest(defaultText);
    if (cached?.revision === revision) return readManifest(cached.text);
    const applied = await repository.find(registry.projectId, revision);
    if (applied === undefined) throw new Error(`Revision ${revision} of the manifest is not in the store.`);
    waitUntil(this.#writeCache(cache, applied));
    return readManifest(applied.text);
  }

  async #readCache(cache: KeyValueStore): Promise<AppliedManifest | undefined> {
    try {
      const text = await cache.get(cacheName);
      return text === undefined ? undefined : (JSON.parse(text) as AppliedManifest);
    } catch (error) {
      log('warn', 'the cached manifest cannot be read', { error });
      return undefined;
    }
  }

  async #writeCache(cache: KeyValueStore, applied: AppliedManifest): Promise<void> {
    try {
      await cache.put(cacheName, JSON.stringify(applied));
    } catch (error) {
      log('warn', 'the manifest could not be cached', { error });
    }
  }
}

/** Versions are checked and registered once, by the isolate that their manifest is applied in; the others only follow. */
export function registeredElsewhere(versions: VersionRepository): VersionRepository {
  return { ...versions, find: async () => undefined, register: async () => 'same' };
}

function refuseTooLarge(text: string): void {
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes <= mostManifestBytes) return;
  throw new ScarmonitError(
    'payload_too_large',
    `The manifest has ${bytes} bytes; on Cloudflare Workers it may have ${mostManifestBytes}. Take out versions that are deprecated.`,
    { code: 'manifest_too_large' },
  );
}

function changedMeanwhile(): ScarmonitError {
  return new ScarmonitError(
    'conflict',
    'Another manifest was applied at the same time. Look at what is served now, and apply yours again.',
    { code: 'manifest_changed', retryAfterMs: 1_000 },
  );
}

/** Parses manifest text. @throws ManifestError that lists every fault with its line */
export function readManifest(text: string, explainSecretUse?: ExplainSecretUse): Manifest {
  return parseManifest(readYaml(text), explainSecretUse);
}
