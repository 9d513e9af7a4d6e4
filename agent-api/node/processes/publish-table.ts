import type { Ability, PublishedTable } from '@scarmonit/adapters/process-channel/http-process-contract';
import type { Deployments } from '@scarmonit/core/deployments/deployments';
import type { VersionSupervisor } from '@scarmonit/core/deployments/supervise-version';
import type { LoadedVersion } from '@scarmonit/core/ports/model-runtime';

const abilities: readonly Ability[] = ['generate', 'embed', 'classify'];

/** The primary's deployments, in the form in which other processes are told of them. */
export class TablePublisher {
  readonly #deployments: Deployments;
  readonly #ids = new WeakMap<VersionSupervisor, number>();
  /** By id; one that was unloaded and forgotten is gone. */
  readonly #supervisors = new Map<number, WeakRef<VersionSupervisor>>();
  #lastId = 0;

  constructor(deployments: Deployments) {
    this.#deployments = deployments;
  }

  publish(): PublishedTable {
    return this.#deployments.list().map(({ spec, createdAt, traffic, versions }) => ({
      spec,
      createdAt,
      traffic,
      versions: [...versions.values()].map((supervisor) => {
        const { loaded } = supervisor;
        const deprecation = this.#deployments.findDeprecation(spec.name, supervisor.spec.version);
        return {
          id: this.#identify(supervisor),
          spec: supervisor.spec,
          state: supervisor.state,
          reason: supervisor.reason,
          abilities: loaded === undefined ? [] : abilities.filter((ability) => loaded[ability] !== undefined),
          ...(deprecation === undefined ? {} : { deprecation }),
        };
      }),
    }));
  }

  /** What was published under an id, while it is in memory; also when it has left the table and is being drained. */
  findLoaded(id: number): LoadedVersion | undefined {
    return this.#supervisors.get(id)?.deref()?.loaded;
  }

  #identify(supervisor: VersionSupervisor): number {
    let id = this.#ids.get(supervisor);
    if (id === undefined) {
      this.#lastId += 1;
      id = this.#lastId;
      this.#ids.set(supervisor, id);
      this.#supervisors.set(id, new WeakRef(supervisor));
    }
    return id;
  }
}
