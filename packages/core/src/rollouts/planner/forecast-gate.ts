import type { EventKind } from '../../gates/facts.ts';
import type { Gate } from '../../gates/gate.ts';
import { isPaired, isSplit } from '../../gates/read-facts.ts';
import { requiredExposure, requiredPairs, requiredUnits } from '../../gates/required-exposure.ts';

/** A model's traffic as it was seen. */
export interface SeenTraffic {
  readonly requestsPerMinute: number;
  /** Share of the requests that an event can happen to: streams, or requests with that feedback; 1 where absent. */
  readonly exposedShares?: Readonly<Partial<Record<EventKind, number>>>;
  /** How often an event happens with stable, 0…1; the rate that the goal allows where absent. */
  readonly stableRates?: Readonly<Partial<Record<EventKind, number>>>;
  /** With sticky assignment, keys that come for the first time; as many as requests where absent. */
  readonly newKeysPerMinute?: number;
  /** Labelled shadow pairs; without them accuracy cannot be told. */
  readonly labelledPairsPerMinute?: number;
}

/** Units and the time in which they come. Both are ∞ for what can never be told. */
export interface Need {
  readonly units: number;
  readonly minutes: number;
}

/** What a gate needs at one weight, each with 90 % power. */
export interface GateForecast {
  readonly gate: string;
  /** Candidate's share, 0…1. */
  readonly weight: number;
  readonly unit: 'requests' | 'keys' | 'labelled pairs';
  /** To fail a candidate at twice, and at `detect` times, what the goal allows. Absent for proofs. */
  readonly toFail?: { readonly double: Need; readonly detect: Need };
  /** To prove a candidate that is as good as stable no worse. For proofs alone. */
  readonly toProve?: Need;
}

/** Forecasts a gate at a weight from 0 to 1. @param detect above 1 */
export function forecastGate(gate: Gate, traffic: SeenTraffic, weight: number, detect: number): GateForecast {
  const perMinute = unitsPerMinute(gate, traffic, weight);
  const need = (units: number): Need => ({ units, minutes: units === 0 ? 0 : units / perMinute });
  const forecast = { gate: gate.id, weight, unit: unitOf(gate) };
  if (gate.kind === 'non-inferiority') return { ...forecast, toProve: need(unitsToProve(gate, traffic, weight)) };
  return {
    ...forecast,
    toFail: {
      double: need(requiredExposure(gate, 2, weight)),
      detect: need(requiredExposure(gate, detect, weight)),
    },
  };
}

/** Of the candidate, at a weight. */
export function unitsPerMinute(gate: Gate, traffic: SeenTraffic, weight: number): number {
  if (isPaired(gate)) return traffic.labelledPairsPerMinute ?? 0;
  const share = traffic.exposedShares?.[gate.event] ?? 1;
  if (gate.kind === 'absolute') return traffic.requestsPerMinute * share * weight;
  if (!isSplit(weight)) return 0;
  const units =
    gate.unit === 'key' ? (traffic.newKeysPerMinute ?? traffic.requestsPerMinute) : traffic.requestsPerMinute;
  return units * share * weight;
}

function unitOf(gate: Gate): GateForecast['unit'] {
  if (isPaired(gate)) return 'labelled pairs';
  return gate.kind !== 'absolute' && gate.unit === 'key' ? 'keys' : 'requests';
}

function unitsToProve(gate: Gate, traffic: SeenTraffic, weight: number): number {
  if (isPaired(gate)) {
    const wrong = 1 - gate.target;
    return requiredPairs(gate.test, 0, 2 * wrong * (1 - wrong), gate.alpha);
  }
  if (gate.kind === 'absolute' || !isSplit(weight)) return 0;
  const rate = traffic.stableRates?.[gate.event] ?? gate.allowed;
  return requiredUnits(gate.test, weight, { candidate: rate, stable: rate }, gate.alpha);
}
