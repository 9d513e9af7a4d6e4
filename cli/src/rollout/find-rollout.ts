import type { CliContext } from '../cli-context.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The id of the rollout that a person means: by its id, by its model (the newest), or, when nothing is said, the newest
 * of all.
 */
export async function findRolloutId(context: CliContext, named: string | undefined): Promise<string> {
  const { admin } = context.client();
  const call = { signal: context.signal };
  const byModel = { limit: 1, ...(named === undefined ? {} : { model: named }) };
  const [newest] = (await admin.listRollouts(byModel, call)).data;
  if (newest !== undefined) return newest.id;
  if (named !== undefined) return named;
  throw new UsageError('There was no rollout yet. Start one: scarmonit rollout start MODEL VERSION');
}
