import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import type { VersionSupervisor } from '../deployments/supervise-version.ts';
import { type ErrorKind, ScarmonitError } from '../errors/scarmonit-error.ts';

/** Failures of a place, not of the request: another place may not have them. */
const failuresOfPlace: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'engine_failure',
  'bad_gateway',
  'overloaded',
  'not_ready',
  'rate_limited',
  'timeout',
]);

/** Whether the same request may succeed elsewhere. */
export function mayFallBack(error: unknown): boolean {
  return error instanceof ScarmonitError && failuresOfPlace.has(error.kind);
}

/**
 * What stands in for a version, in the order of its declaration: each once, never the version itself, and not their own
 * fallbacks, so that there are no loops. A name is a version of the same model, else another model, of which its stable
 * version stands in. Names that cannot stand in (gone, of another task, not allowed) are passed over.
 * @param mayUse whether the caller may use a model of that name
 */
export function findFallbacks(
  deployments: Deployments,
  model: LiveModel,
  failed: VersionSupervisor,
  mayUse: (model: string) => boolean,
): readonly VersionSupervisor[] {
  const standIn = (name: string): VersionSupervisor | undefined => {
    const sameModel = model.versions.get(name);
    if (sameModel !== undefined) return sameModel;
    const other = mayUse(name) ? deployments.find(name) : undefined;
    return other?.spec.task === model.spec.task ? other.versions.get(other.traffic.stable) : undefined;
  };
  const found = new Set(failed.spec.fallbacks.map(standIn));
  found.delete(failed);
  return [...found].filter((supervisor) => supervisor !== undefined);
}
