import type { ModelOverviewView } from '@scarmonit/protocol/admin/overview';
import type { Tone } from '../../parts/status.tsx';

/** How a model does against its goals, at a glance. */
export function judgeModel({ figures }: Pick<ModelOverviewView, 'figures'>): {
  readonly tone: Tone;
  readonly word: string;
} {
  const verdicts = Object.values(figures).flatMap(({ goal }) => goal?.isMet ?? []);
  const missed = verdicts.filter((isMet) => !isMet).length;
  if (missed > 0) return { tone: 'bad', word: missed === 1 ? 'a goal is missed' : `${missed} goals are missed` };
  if (verdicts.length > 0) return { tone: 'good', word: 'meets its goals' };
  return { tone: 'neutral', word: 'nothing to judge by' };
}
