import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Traffic } from './traffic.ts';

/** A model's traffic, and all its versions, each of which can be pinned. */
export interface Routable {
  readonly traffic: Pick<Traffic, 'model' | 'stable' | 'candidate'>;
  readonly versions: ReadonlyMap<string, unknown>;
}

/**
 * Chooses the version that a pin names. Does no I/O.
 * @param pin value of `X-Model-Version`: an exact version, `stable` or `candidate`
 * @throws ScarmonitError `unknown_version`; another version is never taken silently
 */
export function chooseVersion({ traffic, versions }: Routable, pin: string): string {
  if (pin === 'stable') return traffic.stable;
  if (pin === 'candidate') {
    if (traffic.candidate !== undefined) return traffic.candidate;
    throw new ScarmonitError(
      'unknown_version',
      `The model '${traffic.model}' has no candidate version at present. ` +
        `Leave X-Model-Version out, or pin one of: ${[...versions.keys()].join(', ')}.`,
      { code: 'version_not_found' },
    );
  }
  if (versions.has(pin)) return pin;
  throw new ScarmonitError(
    'unknown_version',
    `The model '${traffic.model}' has no live version '${pin.slice(0, 64)}'. ` +
      `X-Model-Version can be 'stable', 'candidate' or one of: ${[...versions.keys()].join(', ')}. ` +
      'A registered version is live while the manifest declares it or a rollout needs it.',
    { code: 'version_not_found' },
  );
}
