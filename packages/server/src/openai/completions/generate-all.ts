import { toAbortSignal } from '@scarmonit/core/inference/cancel-source';
import type { CancelSignal } from '@scarmonit/core/ports/cancel-signal';
import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { ServingVersion } from '@scarmonit/core/services/agent-services';
import type { Progress } from '../../app-parts.ts';
import { collectGeneration, type Generation } from '../../inference/collect-generation.ts';

/** One request with many prompts takes no more of an engine's slots at once than this. */
const maxAtOnce = 4;

/**
 * Answers every prompt, a few at a time, in the order of the requests. The first failure cancels the rest.
 * @param left aborted when the client leaves
 * @param progress told of the pieces of all answers
 */
export async function generateAll(
  version: ServingVersion,
  requests: readonly GenerateRequest[],
  left: CancelSignal,
  progress: Progress,
): Promise<readonly Generation[]> {
  const failed = new AbortController();
  const signal = AbortSignal.any([toAbortSignal(left), failed.signal]);
  const answers: Generation[] = [];
  const waiting = requests.entries();
  const work = async (): Promise<void> => {
    for (const [index, request] of waiting) {
      answers[index] = await collectGeneration(await version.generate(request, signal), progress);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(maxAtOnce, requests.length) }, work));
  } catch (error) {
    failed.abort();
    throw error;
  }
  return answers;
}
