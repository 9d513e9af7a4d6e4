import type { VersionView } from '@scarmonit/protocol/admin/model';
import type { Tone } from '../../parts/status.tsx';

/** How a version's state looks. */
export function toneOfState(state: VersionView['state']): Tone {
  if (state === 'ready') return 'good';
  if (state === 'failed') return 'bad';
  if (state === 'restarting') return 'warn';
  return 'neutral';
}

const goalWords: Readonly<Record<string, string>> = {
  maxLatencyMs: 'P95 latency at most',
  maxTimeToFirstTokenMs: 'first token within',
  minAccuracy: 'accuracy at least',
  targetThroughputRps: 'throughput',
  maxErrorRate: 'errors at most',
  maxCostUsd: 'cost a request at most',
  minSatisfaction: 'satisfaction at least',
  minTaskCompletion: 'tasks completed at least',
};

/** The name of a goal as people say it. */
export function nameGoal(goal: string): string {
  return goalWords[goal] ?? goal;
}
