import type { GateView } from '@scarmonit/protocol/admin/rollout';
import { formatCount, formatNumber } from '../../format/format-number.ts';
import type { Tone } from '../../parts/status.tsx';

/** Where the evidence stands, in a sentence. Evidence is the natural logarithm of an e-value. */
export function describeGate(gate: GateView): string {
  const { verdict, why, logE, threshold, exposure, required } = gate;
  const evidence = `evidence ${formatNumber(Math.max(0, logE))} of the ${formatNumber(threshold)}`;
  if (verdict === 'fail') return `Failed: ${evidence} needed to roll back.`;
  if (verdict === 'pass') return `Passed, after ${formatCount(exposure)} requests; ${evidence} that would roll back.`;
  if (why === 'no-data') return 'Nothing to judge by yet: no requests that count have arrived.';
  if (why === 'not-enough-exposure') {
    return `${formatCount(exposure)} of the ${formatCount(required)} requests seen that it needs; ${evidence} that would roll back.`;
  }
  return `Not proven yet; ${evidence} that would roll back.`;
}

export function toneOfVerdict(verdict: GateView['verdict']): Tone {
  return verdict === 'pass' ? 'good' : verdict === 'fail' ? 'bad' : 'neutral';
}
