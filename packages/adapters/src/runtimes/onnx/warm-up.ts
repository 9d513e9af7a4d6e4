import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Session } from './session.ts';

/**
 * Runs a few batches, so that the first request does not pay for the runtime's memory and kernels, and a graph that
 * does not fit its configuration is found out at load.
 * @returns the length of the model's vectors
 * @throws ScarmonitError `engine_failure` when the graph does not run
 */
export async function warmUp(
  session: Session,
  { maxTokens, maxBatch }: { readonly maxTokens: number; readonly maxBatch: number },
): Promise<number> {
  let width = 0;
  for (const [texts, tokens] of [
    [1, 8],
    [8, 16],
  ] as const) {
    const row = new Array<number>(Math.min(tokens, maxTokens)).fill(0);
    try {
      const vectors = await session.run(new Array<number[]>(Math.min(texts, maxBatch)).fill(row));
      width = vectors[0]?.length ?? 0;
    } catch (error) {
      const reason = error instanceof Error ? (error.cause ?? error.message) : error;
      throw new ScarmonitError('engine_failure', `The model does not run: ${reason}.`);
    }
  }
  return width;
}
