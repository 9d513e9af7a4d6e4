import { recomputeLogE } from '../gates/evaluate-gate.ts';
import type { Gate, GateReading } from '../gates/gate.ts';
import type { Receipt } from './receipt.ts';

/** A gate receipt that does not say what its own statistics say. */
export interface VerdictProblem {
  readonly sequence: number;
  /** One sentence for people. */
  readonly message: string;
}

export interface RecomputeReport {
  /** Gate receipts that were recalculated. */
  readonly gates: number;
  readonly problems: readonly VerdictProblem[];
}

/** Sums in another order may differ in the last digits, and nothing more. */
const tolerance = 1e-9;

/**
 * Recalculates log E, the threshold and the verdict of every gate receipt from the gate and the sufficient statistics that
 * it carries. Other kinds are passed over.
 */
export async function recomputeVerdicts(
  receipts: AsyncIterable<Receipt> | Iterable<Receipt>,
): Promise<RecomputeReport> {
  let gates = 0;
  const problems: VerdictProblem[] = [];
  for await (const { kind, sequence, body } of receipts) {
    if (kind !== 'gate') continue;
    gates += 1;
    problems.push(
      ...findDifferences(body).map((message) => ({ sequence, message: `Receipt ${sequence}: ${message}` })),
    );
  }
  return { gates, problems };
}

function findDifferences(body: Receipt['body']): readonly string[] {
  try {
    const { gate, reading } = body as { readonly gate: Gate; readonly reading: GateReading };
    const { verdict, exposure } = reading;
    const logE = recomputeLogE(gate, reading.statistics);
    const threshold = Math.log(1 / gate.alpha);
    const expected = verdictOf(gate, logE >= threshold, exposure);
    return [
      ...(gate.id === reading.gate ? [] : [`the reading is of ${reading.gate}, the gate is ${gate.id}.`]),
      ...(isClose(logE, reading.logE) ? [] : [`log E is ${logE}, not ${reading.logE}.`]),
      ...(isClose(threshold, reading.threshold) ? [] : [`the threshold is ${threshold}, not ${reading.threshold}.`]),
      ...(gate.required === reading.required ? [] : [`the gate requires ${gate.required}, not ${reading.required}.`]),
      ...(verdict === expected ? [] : [`the verdict is ${expected}, not ${verdict}.`]),
    ];
  } catch (error) {
    return [`it cannot be recalculated: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The rule of {@link evaluateGate}, on what a receipt holds. */
function verdictOf({ kind, required }: Gate, isReached: boolean, exposure: number): GateReading['verdict'] {
  if (kind === 'non-inferiority') return isReached ? 'pass' : 'inconclusive';
  if (isReached) return 'fail';
  return exposure > 0 && exposure >= required ? 'pass' : 'inconclusive';
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a));
}
