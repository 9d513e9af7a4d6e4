import { canonicalJson } from '../manifest/canonical-json.ts';
import type { Hash } from '../ports/hash.ts';
import type { Receipt, ReceiptDraft } from './receipt.ts';

/** What the first link of a chain follows. */
export const genesisHash = '0'.repeat(64);

/**
 * Makes the next links of a project's chain.
 * @param last the newest link, undefined for an empty chain
 * @param createdAt milliseconds since the Unix epoch
 */
export function linkReceipts(
  projectId: string,
  last: Pick<Receipt, 'sequence' | 'hash'> | undefined,
  drafts: readonly ReceiptDraft[],
  createdAt: number,
  hash: Hash,
): readonly Receipt[] {
  let { sequence, hash: previousHash } = last ?? { sequence: 0, hash: genesisHash };
  return drafts.map((draft) => {
    sequence += 1;
    const content = { ...draft, projectId, sequence, createdAt, previousHash };
    const receipt = { ...content, hash: hashReceipt(content, hash) };
    previousHash = receipt.hash;
    return receipt;
  });
}

/** The hash that a receipt with this content must have. @throws TypeError when its body is not JSON */
export function hashReceipt(receipt: Omit<Receipt, 'hash'>, hash: Hash): string {
  const { kind, model, version, versionDigest, rolloutId, body, projectId, sequence, createdAt, previousHash } =
    receipt;
  const content = { kind, model, version, versionDigest, rolloutId, body, projectId, sequence, createdAt };
  return hash.sha256Hex(`${previousHash}\n${canonicalJson(content)}`);
}
