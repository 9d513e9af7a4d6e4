import type { RolloutState } from '../rollouts/rollout.ts';

/** Whether the rules of rollouts still stop what they must stop, and let through what is healthy. */
export interface SelfTestService {
  /**
   * Rolls planted versions out in a sandbox, which is gone afterwards, and leaves a receipt of what became of them. No model's
   * traffic is touched. Says how far it is, and goes on when the next word is asked for; whoever wants no more ends it with
   * `return()`, and there is no receipt.
   * @param by prefix of the key that asks
   * @throws ScarmonitError `conflict` at once while one runs, or at the end when the receipt found no place in the chain
   */
  run(by: string): AsyncGenerator<SelfTestProgress, SelfTestReport, undefined>;
}

/** How far a self-test is. Plain JSON. */
export interface SelfTestProgress {
  /** Name of the planted version whose rollout runs. */
  readonly name: string;
  /** It is the 1st, 2nd, … */
  readonly number: number;
  /** of so many. */
  readonly of: number;
  /** That its rollout has seen. */
  readonly requests: number;
}

/** What became of one planted version. Plain JSON. */
export interface SelfTestCase {
  readonly name: string;
  /** What is wrong with the version, in words. */
  readonly planted: string;
  /** The phase in which its rollout must end, and what must have decided it. */
  readonly expected: string;
  readonly outcome: RolloutState['phase'];
  /** Ids of the gates that stopped it, `crashes`, or null when nothing did. */
  readonly gate: string | null;
  /** What its rollout says of its last move. */
  readonly reason: string;
  /** Until the end, of both versions. */
  readonly requests: number;
  /** Time that passed in the sandbox. */
  readonly elapsedMs: number;
  /** That its rollout left, each of which was verified and calculated again. */
  readonly receipts: number;
  /** Whether it ended as it must, and its receipts hold. */
  readonly passed: boolean;
}

export interface SelfTestReport {
  readonly cases: readonly SelfTestCase[];
  /** What the rollouts were written to, in a few words for people. */
  readonly store: string;
  /** Of what was drawn: assignments and answers. */
  readonly seed: number;
  /** Time that passed on the host. */
  readonly tookMs: number;
  /** Whether every case ended as it must. */
  readonly passed: boolean;
}
