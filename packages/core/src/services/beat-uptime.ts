import type { Deployments } from '../deployments/deployments.ts';
import { longestGapMs } from '../metrics/uptime.ts';
import type { Clock } from '../ports/clock.ts';
import type { UptimeRepository, UptimeSpan } from '../ports/metrics-repository.ts';

interface BeatParts {
  readonly deployments: Pick<Deployments, 'list'>;
  readonly projectId: string;
  /** Who says it: one process, or the one schedule of a host that keeps none. */
  readonly source: string;
  readonly beatEveryMs: number;
}

export interface HeartbeatParts extends BeatParts {
  readonly repository: Pick<UptimeRepository, 'beat'>;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  onError(error: unknown): void;
}

export interface Heartbeat {
  /** Says now which models can be served. Never rejects. */
  beat(): Promise<void>;
  /** Says it a last time, and no more. */
  close(): Promise<void>;
}

/**
 * Says regularly which models this process can serve: those whose stable version is ready. What is said stretches from the
 * first heartbeat of a row to the last, so one that could not be written is made good by the next.
 */
export function startHeartbeat(parts: HeartbeatParts): Heartbeat {
  const { repository, clock, projectId, source, beatEveryMs, onError } = parts;
  let spans: readonly UptimeSpan[] = [];
  let cancelTimer = (): void => undefined;
  let beating: Promise<void> = Promise.resolve();
  let isClosed = false;

  const beatOnce = async (): Promise<void> => {
    spans = prolong(spans, parts, clock.now());
    await repository.beat(projectId, source, spans).catch(onError);
  };

  const beat = (): Promise<void> => {
    beating = beating.then(beatOnce);
    return beating;
  };

  const schedule = (): void => {
    if (isClosed) return;
    cancelTimer = clock.schedule(beatEveryMs, () => void beat().finally(schedule));
  };

  schedule();
  return {
    beat,
    async close() {
      isClosed = true;
      cancelTimer();
      await beat();
    },
  };
}

/**
 * One heartbeat, for hosts that are called at their time and remember nothing of the time before: the stretches that it
 * prolongs are read from the store. Only one source may write to that store.
 * @param now milliseconds since the Unix epoch
 * @throws what the repository throws
 */
export async function beatOnce(
  { repository, ...parts }: BeatParts & { readonly repository: Pick<UptimeRepository, 'beat' | 'list'> },
  now: number,
): Promise<void> {
  const { projectId, source, beatEveryMs } = parts;
  const before = await repository.list(projectId, now - longestGapMs(beatEveryMs));
  await repository.beat(projectId, source, prolong(before, parts, now));
}

/** The stretches of models that can be served now: those from before that have no gap since, and new ones. */
function prolong(
  spans: readonly UptimeSpan[],
  { deployments, beatEveryMs }: BeatParts,
  now: number,
): readonly UptimeSpan[] {
  const lastSpans = new Map(spans.map((span) => [span.model, span]));
  const prolonged: UptimeSpan[] = [];
  for (const { spec, traffic, versions } of deployments.list()) {
    if (versions.get(traffic.stable)?.state !== 'ready') continue;
    const before = lastSpans.get(spec.name);
    const isSame = before !== undefined && now - before.lastAt <= longestGapMs(beatEveryMs) && now >= before.lastAt;
    prolonged.push({ model: spec.name, startedAt: isSame ? before.startedAt : now, lastAt: now });
  }
  return prolonged;
}
