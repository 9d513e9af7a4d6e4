import { countExamples, type DriftExample } from '../drift/count-examples.ts';
import { countOf } from '../drift/divergence.ts';
import { fewestRequests, mostDriftFeatures, watchFrom } from '../drift/drift-watch.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { dayMs, floorTo } from '../metrics/windows.ts';
import type { Clock } from '../ports/clock.ts';
import type { DriftRepository, KnownDrift } from '../ports/drift-repository.ts';
import type { Task } from '../registry/version-spec.ts';

export interface DriftReferencePorts {
  readonly repository: Pick<DriftRepository, 'list' | 'save'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** A data set that a version's requests and answers shall be like from now on. */
export interface WantedDriftReference {
  readonly model: string;
  readonly version: string;
  readonly task: Task;
  readonly examples: readonly DriftExample[];
}

/** What a data set says of one distribution. */
export interface DataSetFeature {
  readonly feature: string;
  /** Examples that say something of it. */
  readonly examples: number;
  /** Whether those are enough for a reference. */
  readonly isReference: boolean;
}

/**
 * Makes a data set the reference of one version, in every distribution that enough of its examples say something of; the
 * others go on as they were. Today is the first day that is compared.
 * @throws ScarmonitError `invalid_request` when that is none, and then changes nothing
 */
export async function setDriftReference(
  { repository, clock }: DriftReferencePorts,
  projectId: string,
  { model, version, task, examples }: WantedDriftReference,
): Promise<readonly DataSetFeature[]> {
  const counted = [...countExamples(examples, task)];
  const features = counted.map(([feature, counts]) => {
    const all = countOf(counts);
    return { feature, examples: all, isReference: all >= fewestRequests };
  });
  if (!features.some(({ isReference }) => isReference)) throw tooFew(features);
  const known = await repository.list(projectId, model);
  const yesterday = floorTo(clock.now(), dayMs) - dayMs;
  const saved = counted
    .filter(([, counts]) => countOf(counts) >= fewestRequests)
    .map(([feature, counts]): KnownDrift => {
      const before = known.find((one) => one.version === version && one.feature === feature);
      const lastDay = Math.max(yesterday, before?.lastDay ?? yesterday);
      return { model, version, feature, state: watchFrom(counts), lastDay };
    });
  await repository.save(projectId, saved, 0, mostDriftFeatures);
  return features;
}

function tooFew(features: readonly DataSetFeature[]): ScarmonitError {
  const found = features.map(({ feature, examples }) => `${feature}: ${examples}`).join(', ');
  return new ScarmonitError(
    'invalid_request',
    `A reference takes ${fewestRequests} examples that say something of the same distribution; these have ${found === '' ? 'none' : found}.`,
    { param: 'examples', code: 'too_few_examples' },
  );
}
