import { log } from './log.ts';

/**
 * Runs works that have nothing to do with each other, all of them to their end.
 * @throws the first failure, when all have ended, so that the platform tells the run as failed; each is logged before
 */
export async function runTogether(works: Readonly<Record<string, Promise<unknown>>>): Promise<void> {
  const names = Object.keys(works);
  const failures = (await Promise.allSettled(Object.values(works))).flatMap((result, index) => {
    if (result.status === 'fulfilled') return [];
    log('error', `scheduled work failed: ${names[index]}`, { error: result.reason });
    return [result.reason];
  });
  if (failures.length > 0) throw failures[0];
}
