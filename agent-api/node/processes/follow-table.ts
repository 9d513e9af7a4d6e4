import type { Asking } from '@scarmonit/adapters/process-channel/contract';
import type {
  PrimaryContract,
  PublishedModel,
  PublishedTable,
  PublishedVersion,
} from '@scarmonit/adapters/process-channel/http-process-contract';
import { RemoteVersion } from '@scarmonit/adapters/process-channel/remote-version';
import type { Deployments, LiveModel } from '@scarmonit/core/deployments/deployments';
import { VersionSupervisor } from '@scarmonit/core/deployments/supervise-version';
import { canonicalJson } from '@scarmonit/core/manifest/canonical-json';
import type { ArtifactStore } from '@scarmonit/core/ports/artifact-store';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Runtimes } from '@scarmonit/core/ports/model-runtime';
import { hasArtifact } from '@scarmonit/core/registry/version-spec';
import type { Traffic } from '@scarmonit/core/routing/traffic';
import type { Deprecation } from '@scarmonit/core/services/agent-services';

export interface FollowTableParts {
  readonly primary: Pick<Asking<PrimaryContract>, 'call' | 'stream'>;
  readonly deployments: Deployments;
  /** Of upstreams, which every process reaches by itself. */
  readonly upstreams: Runtimes;
  readonly clock: Clock;
  /** Called before traffic comes into force that a rollout has made since the last time. */
  beforeTraffic(traffic: Traffic): Promise<void>;
  onUnloadError(error: unknown): void;
}

interface FollowedVersion {
  readonly supervisor: VersionSupervisor;
  /** Of a version whose engine the primary runs. */
  readonly remote: RemoteVersion | undefined;
}

/** Makes this process's deployments what the primary's are, one table after another. */
export class TableFollower {
  readonly #parts: FollowTableParts;
  #versions: ReadonlyMap<number, FollowedVersion> = new Map();
  #last: Promise<void> = Promise.resolve();
  readonly #draining = new Set<Promise<void>>();

  constructor(parts: FollowTableParts) {
    this.#parts = parts;
  }

  /** Resolves when the table is in force here: what is ready in the primary is ready here as well. */
  follow(table: PublishedTable): Promise<void> {
    const followed = this.#last.then(() => this.#takeOver(table));
    this.#last = followed.catch(() => undefined);
    return followed;
  }

  /** Unloads everything. */
  async close(): Promise<void> {
    await this.#last;
    for (const { supervisor } of this.#versions.values()) this.#drain(supervisor);
    await Promise.all(this.#draining);
  }

  async #takeOver(table: PublishedTable): Promise<void> {
    const { deployments, beforeTraffic } = this.#parts;
    const before = this.#versions;
    const updates: (() => void)[] = [];
    const starting: Promise<void>[] = [];
    const versions = new Map<number, FollowedVersion>();
    const models = table.map((model): LiveModel => {
      const live = model.versions.map((published): [string, VersionSupervisor] => {
        const followed = this.#findOrMake(published, updates);
        versions.set(published.id, followed);
        const started = followed.supervisor.start();
        // The primary may still be loading it, and this table says so.
        if (published.state === 'ready') starting.push(started);
        return [published.spec.version, followed.supervisor];
      });
      return { spec: model.spec, createdAt: model.createdAt, traffic: model.traffic, versions: new Map(live) };
    });
    await Promise.all(starting);
    for (const { traffic } of table.filter((model) => this.#isNewRollout(model))) await beforeTraffic(traffic);
    for (const update of updates) update();
    deployments.replace(models);
    deployments.setDeprecations(listDeprecations(table));
    this.#versions = versions;
    for (const [id, { supervisor }] of before) {
      if (versions.get(id)?.supervisor !== supervisor) this.#drain(supervisor);
    }
  }

  #findOrMake(published: PublishedVersion, updates: (() => void)[]): FollowedVersion {
    const followed = this.#versions.get(published.id);
    // What could not be loaded here, while it is ready there, is tried anew instead of some minutes later.
    if (followed === undefined || (followed.supervisor.state === 'failed' && published.state === 'ready')) {
      return this.#make(published);
    }
    followed.remote?.note(published);
    if (canonicalJson(followed.supervisor.spec) !== canonicalJson(published.spec)) {
      updates.push(followed.supervisor.prepareUpdate(published.spec));
    }
    return followed;
  }

  #make(published: PublishedVersion): FollowedVersion {
    const { primary, upstreams, clock } = this.#parts;
    const { spec } = published;
    const remote = hasArtifact(spec) ? new RemoteVersion(primary, published) : undefined;
    const runtimes = hasArtifact(spec) && remote !== undefined ? { [spec.runtime]: remote } : upstreams;
    const supervisor = new VersionSupervisor(spec, {
      artifacts: heldByPrimary,
      runtimes,
      clock,
      events: {},
      // The primary has registered it before it was ready there.
      register: async () => undefined,
    });
    return { supervisor, remote };
  }

  #isNewRollout({ spec, traffic }: PublishedModel): boolean {
    const current = this.#parts.deployments.find(spec.name)?.traffic.rolloutId;
    return traffic.rolloutId !== undefined && traffic.rolloutId !== current;
  }

  #drain(supervisor: VersionSupervisor): void {
    const drained = supervisor.stop().catch(this.#parts.onUnloadError);
    this.#draining.add(drained);
    void drained.then(() => this.#draining.delete(drained));
  }
}

/** By `model@version`. */
function listDeprecations(table: PublishedTable): ReadonlyMap<string, Deprecation> {
  return new Map(
    table.flatMap((model) =>
      model.versions.flatMap(({ spec, deprecation }): [string, Deprecation][] =>
        deprecation === undefined ? [] : [[`${spec.model}@${spec.version}`, deprecation]],
      ),
    ),
  );
}

/** The primary has fetched and checked what its engines read; here nothing reads it. */
const heldByPrimary: ArtifactStore = {
  find: async (sha256) => sha256,
  verify: async (sha256) => sha256,
  pull: async ({ sha256 }) => sha256,
};
