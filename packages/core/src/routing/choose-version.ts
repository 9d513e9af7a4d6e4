import { ScarmonitError } from '../errors/scarmonit-error.ts';

/** The versions of a model's live traffic. */
export interface Deployment {
  readonly model: string;
  readonly stable: string;
  /** The version that is being tried, while a rollout runs. */
  readonly candidate?: string;
  /** All declared versions; each can be pinned. */
  readonly versions: readonly string[];
}

/**
 * Chooses the version that answers: the pin if there is one, else stable. Does no I/O.
 * @param pin value of `X-Model-Version`: an exact version, `stable` or `candidate`
 * @throws ScarmonitError `unknown_version`; another version is never taken silently
 */
export function chooseVersion(deployment: Deployment, pin: string | undefined): string {
  if (pin === undefined || pin === 'stable') return deployment.stable;
  if (pin === 'candidate') {
    if (deployment.candidate !== undefined) return deployment.candidate;
    throw new ScarmonitError(
      'unknown_version',
      `The model '${deployment.model}' has no candidate version at present. ` +
        `Leave X-Model-Version out, or pin one of: ${deployment.versions.join(', ')}.`,
      { code: 'version_not_found' },
    );
  }
  if (deployment.versions.includes(pin)) return pin;
  throw new ScarmonitError(
    'unknown_version',
    `The model '${deployment.model}' has no version '${pin.slice(0, 64)}'. ` +
      `X-Model-Version can be 'stable', 'candidate' or one of: ${deployment.versions.join(', ')}.`,
    { code: 'version_not_found' },
  );
}
