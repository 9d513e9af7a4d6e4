import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { formatDuration, formatShare } from '../../format/format-number.ts';

/** What promoting does now: the rollout enters its next stage. */
export interface Promotion {
  readonly button: string;
  readonly title: string;
  readonly text: string;
}

type Rollout = Pick<RolloutDetailView, 'model' | 'from' | 'to' | 'plan' | 'states'>;

/** In words, from where the rollout stands, or stood when it was held or frozen. Undefined while nothing is loaded. */
export function describePromotion({ model, from, to, plan, states }: Rollout): Promotion | undefined {
  const stood = states.findLast(({ phase }) => phase !== 'held' && phase !== 'frozen');
  if (stood === undefined || stood.phase === 'draft') return undefined;
  const soon = 'without waiting for the gates. They go on watching, and a failed one rolls back.';
  if (stood.phase === 'bake') {
    return {
      button: 'Promote to stable',
      title: `Make ${to} stable now?`,
      text: `The rollout ends, without waiting for the gates. ${from} stays warm for ${formatDuration(plan.retentionMs)} and can be rolled back to.`,
    };
  }
  if (stood.phase === 'validated' && plan.shadow !== null) {
    return {
      button: 'Promote to shadow',
      title: `Send ${to} copies now?`,
      text: `${to} gets a copy of ${formatShare(plan.shadow.share)} of the requests for ${model}; nobody sees its answers.`,
    };
  }
  const share = plan.steps[stood.phase === 'canary' ? stood.step + 1 : 0] ?? 1;
  return {
    button: `Promote to ${formatShare(share)}`,
    title: `Promote ${to} to ${formatShare(share)} now?`,
    text: `${share === 1 ? 'All' : formatShare(share)} of the requests for ${model} go to ${to} at once, ${soon}`,
  };
}
