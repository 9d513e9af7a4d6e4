import { recomputeLogE } from '../gates/evaluate-gate.ts';
import type { Gate, GateReading, GateVerdict } from '../gates/gate.ts';
import type { Hash } from '../ports/hash.ts';
import type { ReceiptRepository } from '../ports/rollout-repository.ts';
import type { SignatureVerifier, Signer } from '../ports/signer.ts';
import type { Receipt } from '../receipts/receipt.ts';
import { verifyChain } from '../receipts/verify-chain.ts';
import type { ReceiptProblem, ReceiptService } from './agent-services.ts';

export interface ReceiptPorts {
  readonly projectId: string;
  readonly receipts: ReceiptRepository;
  readonly hash: Hash;
  readonly signer: Pick<Signer, 'identify'>;
  readonly verifier: SignatureVerifier;
}

const pageSize = 500;
/** Other machines may add up in another order. */
const largestDifference = 1e-9;

/** The use cases of whoever reads evidence, and of whoever doubts it. */
export function createReceiptService({ projectId, receipts, hash, signer, verifier }: ReceiptPorts): ReceiptService {
  return {
    find: (filter) => receipts.find(projectId, filter),

    heads: () => receipts.listHeads(projectId),

    verify: async ({ heads: kept, recompute }) => {
      const wrong: ReceiptProblem[] = [];
      let recomputed = 0;
      const inspect = (receipt: Receipt): void => {
        if (!recompute || receipt.kind !== 'gate') return;
        recomputed += 1;
        const message = findWrongVerdict(receipt);
        if (message !== undefined) wrong.push({ sequence: receipt.sequence, kind: 'wrong-verdict', message });
      };
      const { id, bytes } = await signer.identify();
      const report = await verifyChain(
        {
          projectId,
          receipts: readAll(receipts, projectId, inspect),
          heads: [...(await receipts.listHeads(projectId)), ...kept],
          publicKeys: new Map([[id, bytes]]),
        },
        hash,
        verifier,
      );
      return { ...report, recomputed, keyId: id, problems: [...report.problems, ...wrong] };
    },
  };
}

async function* readAll(
  receipts: ReceiptRepository,
  projectId: string,
  inspect: (receipt: Receipt) => void,
): AsyncGenerator<Receipt> {
  let after = 0;
  for (;;) {
    const page = await receipts.list(projectId, { after, limit: pageSize });
    for (const receipt of page) {
      inspect(receipt);
      yield receipt;
    }
    const last = page.at(-1);
    if (last === undefined || last.sequence <= after) return;
    after = last.sequence;
  }
}

/** Calculates a gate's reading again from its sufficient statistics. @returns what differs, if anything does */
function findWrongVerdict({ sequence, body }: Receipt): string | undefined {
  // Whatever was written under this kind is read as what should stand there; what does not fit is a problem, not a crash.
  const { gate, reading } = body as { readonly gate?: Gate; readonly reading?: GateReading };
  if (gate === undefined || reading === undefined) return `Receipt ${sequence} holds no gate with its reading.`;
  try {
    const logE = recomputeLogE(gate, reading.statistics);
    const threshold = Math.log(1 / gate.alpha);
    if (!isClose(logE, reading.logE)) {
      return `Receipt ${sequence} says that log E of ${gate.id} is ${reading.logE}; its statistics give ${logE}.`;
    }
    if (!isClose(threshold, reading.threshold)) {
      return `Receipt ${sequence} says that the threshold of ${gate.id} is ${reading.threshold}; it is ${threshold}.`;
    }
    const verdict = judge(gate, logE, threshold, reading.exposure);
    if (verdict === reading.verdict) return undefined;
    return `Receipt ${sequence} says ${reading.verdict} of ${gate.id}; its statistics give ${verdict}.`;
  } catch (error) {
    return `The reading of receipt ${sequence} cannot be calculated again: ${error instanceof Error ? error.message : error}`;
  }
}

function judge(gate: Gate, logE: number, threshold: number, exposure: number): GateVerdict {
  const proves = gate.kind === 'non-inferiority';
  if (logE >= threshold) return proves ? 'pass' : 'fail';
  return !proves && exposure > 0 && exposure >= gate.required ? 'pass' : 'inconclusive';
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= largestDifference * Math.max(1, Math.abs(a), Math.abs(b));
}
