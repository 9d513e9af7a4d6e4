import { ScarmonitError } from '../../errors/scarmonit-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  ClassifyRequest,
  ClassifyResult,
  LoadedVersion,
  RequestContext,
  UpstreamRuntime,
} from '../../ports/model-runtime.ts';
import type { Random } from '../simulation/seeded-random.ts';
import type { Behaviour } from './planted-versions.ts';

/** What is right about every request of a sandbox; whoever sends feedback on one knows it. */
export const rightLabel = 'right';
const wrongLabel = 'wrong';

/** At a price of one dollar a million tokens: what a request costs, and what a costly one does. */
const usualTokens = 1_000;
const costlyTokens = 2 * usualTokens;
/** An engine that crashed is back so soon that it misses hardly any request. */
const restartMs = 100;

type StateListener = Parameters<NonNullable<LoadedVersion['onStateChange']>>[0];

/** An answer under way. */
interface Pending {
  fail(error: ScarmonitError): void;
}

/**
 * A runtime whose versions behave as planned: each request draws how long it takes, whether it fails, how many tokens it
 * costs and whether its label is right, and every so many of them the engine crashes with all that it works on.
 * @param behaviours by version
 */
export function createPlantedRuntime(
  behaviours: ReadonlyMap<string, Behaviour>,
  random: Random,
  clock: Clock,
): UpstreamRuntime {
  return {
    load: async ({ version }) => {
      const behaviour = behaviours.get(version);
      if (behaviour === undefined) throw new ScarmonitError('internal', `Nothing is planted as version ${version}.`);
      return new PlantedVersion(behaviour, random, clock);
    },
  };
}

class PlantedVersion implements LoadedVersion {
  readonly #behaviour: Behaviour;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #pending = new Set<Pending>();
  #listener: StateListener | undefined;
  #requests = 0;
  #crashes = 0;

  constructor(behaviour: Behaviour, random: Random, clock: Clock) {
    this.#behaviour = behaviour;
    this.#random = random;
    this.#clock = clock;
  }

  onStateChange(listener: StateListener): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  async classify(_request: ClassifyRequest, { requestId, signal }: RequestContext): Promise<ClassifyResult> {
    const { errorRate, meanLatencyMs, costlyShare, accuracy, crashEvery } = this.#behaviour;
    const answer: ClassifyResult = {
      results: [[{ label: this.#random() < accuracy ? rightLabel : wrongLabel, score: 1 }]],
      inputTokens: this.#random() < costlyShare ? costlyTokens : usualTokens,
    };
    // A probe is asked while the controller decides, when no time passes.
    if (requestId === undefined) return answer;
    const fails = this.#random() < errorRate;
    const latencyMs = -Math.log(1 - this.#random()) * meanLatencyMs;
    this.#requests += 1;
    const taken = this.#take(latencyMs, signal);
    if (crashEvery !== undefined && this.#requests % crashEvery === 0) this.#crash();
    await taken;
    if (fails) throw new ScarmonitError('engine_failure', 'The planted version fails this request.');
    return answer;
  }

  async stats() {
    const idle = { residentBytes: 0, queued: 0, slots: 1_000, queueLimit: 0, batchSizes: {} };
    return { ...idle, running: this.#pending.size, crashes: this.#crashes };
  }

  async unload(): Promise<void> {}

  #take(latencyMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancelTimer();
        this.#pending.delete(pending);
        settle();
      };
      const cancelTimer = this.#clock.schedule(latencyMs, () => end(resolve));
      const pending: Pending = { fail: (error) => end(() => reject(error)) };
      this.#pending.add(pending);
      signal.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true });
    });
  }

  #crash(): void {
    this.#crashes += 1;
    const reason = 'the planted engine crashed';
    this.#listener?.('restarting', reason);
    const error = new ScarmonitError('engine_failure', `The request was lost: ${reason}.`);
    for (const pending of this.#pending) pending.fail(error);
    this.#clock.schedule(restartMs, () => this.#listener?.('ready', undefined));
  }
}
