import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { linkReceipts } from '../receipts/link-receipts.ts';
import type { Receipt, ReceiptDraft } from '../receipts/receipt.ts';
import { signHead } from '../receipts/sign-head.ts';
import type { TransitionPorts } from './record-transition.ts';

export interface AppendPorts extends TransitionPorts {
  readonly projectId: string;
}

/** Others take links of the same chain. */
const mostAttempts = 5;

/**
 * Adds evidence to the project's chain, with a signed head: all of it, or none.
 * @throws ScarmonitError `conflict` when others took the next link again and again
 */
export async function appendReceipts(drafts: readonly ReceiptDraft[], ports: AppendPorts): Promise<readonly Receipt[]> {
  const { projectId, rollouts, receipts, clock, hash, signer } = ports;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const now = clock.now();
    const links = linkReceipts(projectId, await receipts.last(projectId), drafts, now, hash);
    const last = links.at(-1);
    if (last === undefined) return [];
    if (await rollouts.commit(projectId, { receipts: links, head: await signHead(last, now, signer) })) return links;
  }
  throw new ScarmonitError('conflict', 'The receipt found no place in the chain. Try again.', {
    code: 'revision_conflict',
  });
}
