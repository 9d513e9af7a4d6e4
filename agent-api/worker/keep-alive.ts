import { log } from './log.ts';

/** Keeps work alive after the answer of the request that it belongs to. */
export type KeepAlive = (work: Promise<unknown>) => void;

/**
 * Nobody waits for work after an answer, so what it fails with is logged here.
 * @param waitUntil the platform's
 */
export function createKeepAlive(waitUntil: KeepAlive): KeepAlive {
  return (work) => waitUntil(work.catch((error: unknown) => log('error', 'work after an answer failed', { error })));
}
