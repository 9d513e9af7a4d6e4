import type { Hash } from '../ports/hash.ts';
import type { SignatureVerifier } from '../ports/signer.ts';
import { genesisHash, hashReceipt } from './link-receipts.ts';
import type { Receipt, ReceiptHead } from './receipt.ts';
import { isHeadValid } from './sign-head.ts';

/** One thing that is wrong with a chain. */
export interface ChainProblem {
  /** Of the receipt or head that shows it. */
  readonly sequence: number;
  readonly kind:
    | 'edited'
    | 'missing'
    | 'reordered'
    | 'broken-link'
    | 'bad-signature'
    | 'unknown-key'
    | 'head-mismatch'
    | 'cut-off';
  /** One sentence for people. */
  readonly message: string;
}

export interface ChainReport {
  readonly receipts: number;
  readonly heads: number;
  /** Sequence and hash of the last receipt. */
  readonly last: { readonly sequence: number; readonly hash: string } | undefined;
  readonly problems: readonly ChainProblem[];
}

/** What a chain is checked against. */
export interface ChainEvidence {
  readonly projectId: string;
  /** In the order of the store. */
  readonly receipts: AsyncIterable<Receipt> | Iterable<Receipt>;
  /** Heads of the store, and those that were kept outside of it, which are what shows a tail that was cut off. */
  readonly heads: readonly ReceiptHead[];
  /** Raw public keys that may have signed, by key id. */
  readonly publicKeys: ReadonlyMap<string, Uint8Array>;
}

/**
 * Checks a chain of receipts from its first link to its last: nothing edited, removed, put in another order or, as far
 * as the heads know, cut off at the end. Reads each receipt once and holds none.
 */
export async function verifyChain(
  { projectId, receipts, heads, publicKeys }: ChainEvidence,
  hash: Hash,
  verifier: SignatureVerifier,
): Promise<ChainReport> {
  const problems: ChainProblem[] = [];
  const claimed = Map.groupBy(
    heads.filter((head) => head.projectId === projectId),
    (head) => head.sequence,
  );
  let count = 0;
  let last: ChainReport['last'];
  for await (const receipt of receipts) {
    count += 1;
    problems.push(...checkLink(receipt, last, hash));
    for (const head of claimed.get(receipt.sequence) ?? []) {
      if (head.hash !== receipt.hash) problems.push(mismatch(head));
    }
    last = { sequence: receipt.sequence, hash: receipt.hash };
  }
  for (const head of [...claimed.values()].flat()) {
    problems.push(...(await checkHead(head, publicKeys, verifier)));
    if (head.sequence > (last?.sequence ?? 0)) problems.push(cutOff(head, last?.sequence ?? 0));
  }
  return { receipts: count, heads: heads.length, last, problems };
}

function checkLink(receipt: Receipt, last: ChainReport['last'], hash: Hash): readonly ChainProblem[] {
  const { sequence } = receipt;
  const expected = (last?.sequence ?? 0) + 1;
  const problems: ChainProblem[] = [];
  if (sequence > expected) {
    const gone = sequence - expected === 1 ? `Receipt ${expected} is` : `Receipts ${expected} to ${sequence - 1} are`;
    problems.push({ sequence, kind: 'missing', message: `${gone} missing before receipt ${sequence}.` });
  }
  if (sequence < expected) {
    problems.push({
      sequence,
      kind: 'reordered',
      message: `Receipt ${sequence} stands after receipt ${expected - 1}.`,
    });
  }
  if (receipt.hash !== hashReceipt(receipt, hash)) {
    problems.push({ sequence, kind: 'edited', message: `Receipt ${sequence} does not have the hash of its content.` });
  }
  if (receipt.previousHash !== (last?.hash ?? genesisHash)) {
    problems.push({
      sequence,
      kind: 'broken-link',
      message: `Receipt ${sequence} does not follow the one before it: the hash that it names is another.`,
    });
  }
  return problems;
}

async function checkHead(
  head: ReceiptHead,
  publicKeys: ReadonlyMap<string, Uint8Array>,
  verifier: SignatureVerifier,
): Promise<readonly ChainProblem[]> {
  const { sequence, keyId } = head;
  const key = publicKeys.get(keyId);
  if (key === undefined) {
    return [
      {
        sequence,
        kind: 'unknown-key',
        message: `The head at ${sequence} is signed by ${keyId}, a key not known here.`,
      },
    ];
  }
  if (await isHeadValid(head, key, verifier)) return [];
  return [{ sequence, kind: 'bad-signature', message: `The signature of the head at ${sequence} is not valid.` }];
}

function mismatch({ sequence }: ReceiptHead): ChainProblem {
  return {
    sequence,
    kind: 'head-mismatch',
    message: `A signed head says that receipt ${sequence} has another hash: the chain was rewritten.`,
  };
}

function cutOff({ sequence }: ReceiptHead, last: number): ChainProblem {
  return {
    sequence,
    kind: 'cut-off',
    message: `A signed head knows receipt ${sequence}, but the chain ends at ${last}: its tail was cut off.`,
  };
}
