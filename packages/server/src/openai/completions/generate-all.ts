import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { InferenceService, ServedBy } from '@scarmonit/core/services/agent-services';
import type { AgentContext } from '../../app-parts.ts';
import { collectGeneration, type Generation } from '../../inference/collect-generation.ts';
import { type CallTarget, openCall } from '../../inference/open-call.ts';

/** One request with many prompts takes no more of an engine's slots at once than this. */
const maxAtOnce = 4;

/** An answer and what made it. */
export interface ServedGeneration {
  readonly servedBy: ServedBy;
  readonly generation: Generation;
}

/**
 * Answers every prompt, a few at a time, in the order of the requests. The first failure cancels the rest.
 * @returns at least one answer, since there is at least one prompt
 */
export async function generateAll(
  c: AgentContext,
  inference: InferenceService,
  target: CallTarget,
  requests: readonly GenerateRequest[],
): Promise<readonly ServedGeneration[]> {
  const failed = new AbortController();
  const call = openCall(c, target, false, AbortSignal.any([c.req.raw.signal, failed.signal]));
  const answers: ServedGeneration[] = [];
  const waiting = requests.entries();
  const work = async (): Promise<void> => {
    for (const [index, request] of waiting) {
      const { servedBy, events } = await inference.generate(call, request);
      answers[index] = { servedBy, generation: await collectGeneration(events) };
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
