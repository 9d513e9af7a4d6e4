import type { AbsoluteGate, ComparativeGate, Gate, GateGoal, PairedGate } from '../gates/gate.ts';

/** How people speak of a goal. */
interface GoalWords {
  /** What its gates look at. */
  readonly subject: string;
  /** What a version does on which its event happens, after the version's number; `limit` is the goal in words. */
  readonly happens: (limit: string) => string;
  /** What events are counted among, by requests and by keys. */
  readonly units: string;
}

const rated = 'requests with a rating';
const told = 'requests of which it is known';

const words: Readonly<Record<GateGoal, GoalWords>> = {
  maxErrorRate: { subject: 'errors', happens: () => 'fails', units: 'requests' },
  maxLatencyMs: { subject: 'latency', happens: (limit) => `fails or takes longer than ${limit}`, units: 'requests' },
  maxTimeToFirstTokenMs: {
    subject: 'time to the first token',
    happens: (limit) => `has no token within ${limit}`,
    units: 'streams',
  },
  maxCostUsd: { subject: 'cost', happens: (limit) => `costs more than ${limit}`, units: 'requests' },
  minAccuracy: { subject: 'accuracy', happens: () => 'is wrong', units: 'labelled pairs' },
  minSatisfaction: { subject: 'satisfaction', happens: () => 'leaves users unsatisfied', units: rated },
  minTaskCompletion: { subject: 'task completion', happens: () => 'leaves tasks undone', units: told },
};

/** What a gate looks at, such as "errors against the goal of 1 %". @param from the version that it compares with */
export function nameGate(gate: Gate, from: string): string {
  const { subject } = words[gate.goal];
  switch (gate.kind) {
    case 'absolute':
      return `${subject} against the goal of ${describeTarget(gate)}`;
    case 'comparative':
      return `${subject} against ${from}`;
    case 'paired':
      return `${subject} against ${from} on the same requests`;
    case 'non-inferiority':
      return `${subject} no worse than with ${from}`;
  }
}

/** What a version does on which the gate's event happens, such as "takes longer than 500 ms". */
export function describeEvent(gate: Gate): string {
  return words[gate.goal].happens(describeTarget(gate));
}

/** What a gate counts: requests, streams, keys, labelled pairs, … */
export function describeUnits(gate: Gate): string {
  return isOnKeys(gate) ? 'keys' : words[gate.goal].units;
}

function isOnKeys(gate: AbsoluteGate | ComparativeGate | PairedGate): boolean {
  return 'unit' in gate && gate.unit === 'key';
}

/** The goal's figure with its unit. */
function describeTarget({ goal, target }: Gate): string {
  if (goal === 'maxLatencyMs' || goal === 'maxTimeToFirstTokenMs') return `${target} ms`;
  return goal === 'maxCostUsd' ? `${target} USD` : percent(target);
}

/** Two significant digits, such as "5 %" or "0.31 %". */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
