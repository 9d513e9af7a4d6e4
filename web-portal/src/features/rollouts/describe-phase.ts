import type { RolloutView } from '@scarmonit/protocol/admin/rollout';
import type { Tone } from '../../parts/status.tsx';

type Phase = RolloutView['state']['phase'];

const ended: readonly Phase[] = ['active', 'rolled-back', 'aborted'];

/** Whether nothing more will happen to it. */
export function isEnded(phase: Phase): boolean {
  return ended.includes(phase);
}

export function toneOfPhase(phase: Phase, paused: boolean): Tone {
  if (phase === 'active') return 'good';
  if (phase === 'rolled-back') return 'bad';
  return paused || phase === 'held' || phase === 'frozen' ? 'warn' : 'neutral';
}

/** The phase, and that it stands still. */
export function namePhase({ phase, paused }: RolloutView['state']): string {
  return paused ? `${phase}, paused` : phase;
}
