import type { Arm, EventKind } from '../../gates/facts.ts';
import type { ReplayedRequest } from './replay-rollout.ts';
import type { Random } from './seeded-random.ts';

/** How often each event happens to a version's requests, 0…1. Requests are exposed to the events of stable's rates. */
export type EventRates = Readonly<Partial<Record<EventKind, number>>>;

/** Traffic of one rollout, made up. */
export interface SyntheticTraffic {
  readonly requestsPerMinute: number;
  /** Candidate's share in each step, 0…1. */
  readonly steps: readonly number[];
  readonly minutesPerStep: number;
  readonly rates: Readonly<Record<Arm, EventRates>>;
  /**
   * So many requests in a row share their luck; independent where absent. `shared` bursts come from what lies behind both
   * versions (a network, an upstream) and hit whichever version a request goes to; `separate` ones from one version alone.
   */
  readonly clusters?: { readonly size: number; readonly scope: 'shared' | 'separate' };
  /** Both versions' rates are multiplied by a factor that goes evenly from 1 at the start to this at the end. */
  readonly drift?: number;
  /** Both versions have events with these rates at least, from one minute (included) to another (excluded). */
  readonly incident?: { readonly from: number; readonly to: number; readonly rates: EventRates };
  /** Sticky assignment over so many keys; some are prone to an event and have it every second time, the others never. */
  readonly keys?: number;
}

/** The requests of each minute. The same random numbers give the same traffic. */
export function makeTraffic(traffic: SyntheticTraffic, random: Random): readonly (readonly ReplayedRequest[])[] {
  const { steps, minutesPerStep, requestsPerMinute } = traffic;
  const exposedTo = Object.keys(traffic.rates.stable) as readonly EventKind[];
  const draw = traffic.keys === undefined ? drawClustered(traffic, random) : drawByKey(traffic.keys, random);
  return steps.flatMap((weight, step) =>
    Array.from({ length: minutesPerStep }, (_, offset) => {
      const minute = step * minutesPerStep + offset;
      const rates = { stable: ratesAt(traffic, 'stable', minute), candidate: ratesAt(traffic, 'candidate', minute) };
      return Array.from({ length: requestsPerMinute }, () => ({
        revision: step + 1,
        weight,
        exposedTo,
        ...draw(weight, rates),
      }));
    }),
  );
}

type RatesOfMinute = Readonly<Record<Arm, readonly (readonly [EventKind, number])[]>>;
type Draw = (weight: number, rates: RatesOfMinute) => Pick<ReplayedRequest, 'arm' | 'happened' | 'key'>;

function drawClustered(traffic: SyntheticTraffic, random: Random): Draw {
  const { size, scope } = traffic.clusters ?? { size: 1, scope: 'separate' };
  const separate = { stable: { left: 0, luck: [1] }, candidate: { left: 0, luck: [1] } };
  const clusters = scope === 'shared' ? { stable: separate.stable, candidate: separate.stable } : separate;
  return (weight, rates) => {
    const arm: Arm = random() < weight ? 'candidate' : 'stable';
    const cluster = clusters[arm];
    if (cluster.left === 0) {
      cluster.luck = rates[arm].map(() => random());
      cluster.left = size;
    }
    cluster.left--;
    return {
      arm,
      happened: rates[arm].flatMap(([event, rate], index) => ((cluster.luck[index] ?? 1) < rate ? [event] : [])),
    };
  };
}

function drawByKey(count: number, random: Random): Draw {
  const keys = Array.from({ length: count }, (_, index) => ({
    name: `key ${index}`,
    position: random(),
    proneness: random(),
  }));
  return (weight, rates) => {
    const key = keys[Math.floor(random() * count)];
    if (key === undefined) throw new RangeError('Sticky traffic takes at least one key.');
    const arm: Arm = key.position < weight ? 'candidate' : 'stable';
    const happened = rates[arm].flatMap(([event, rate]) => (key.proneness < 2 * rate && random() < 0.5 ? [event] : []));
    return { arm, happened, key: key.name };
  };
}

function ratesAt(traffic: SyntheticTraffic, arm: Arm, minute: number): readonly (readonly [EventKind, number])[] {
  const { drift = 1, incident, steps, minutesPerStep } = traffic;
  const factor = 1 + ((drift - 1) * minute) / (steps.length * minutesPerStep);
  const during = incident !== undefined && minute >= incident.from && minute < incident.to ? incident.rates : {};
  const events = Object.keys(traffic.rates.stable) as readonly EventKind[];
  return events.map((event) => [event, Math.max((traffic.rates[arm][event] ?? 0) * factor, during[event] ?? 0)]);
}
