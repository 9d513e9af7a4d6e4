import type { Transition } from '@scarmonit/core/ports/rollout-repository';
import type { Receipt, ReceiptHead } from '@scarmonit/core/receipts/receipt';
import type { Rollout, RolloutState } from '@scarmonit/core/rollouts/rollout';
import { compilePlan, defaultRolloutSettings } from '@scarmonit/core/rollouts/rollout-settings';
import type { Traffic } from '@scarmonit/core/routing/traffic';

/** Records of rollouts for contracts. */
export const at = 1_700_000_000_000;

export function describeRollout(id: string, changes: Partial<Rollout> = {}): Rollout {
  return {
    id,
    projectId: 'default',
    model: 'chat',
    from: '1.0.0',
    to: '1.1.0',
    fromDigest: 'a'.repeat(64),
    toDigest: 'b'.repeat(64),
    plan: compilePlan(defaultRolloutSettings, { maxErrorRate: 0.01 }, 'salt'),
    createdAt: at,
    createdBy: 'manifest',
    reason: 'a “quoted” reason',
    ...changes,
  };
}

export function describeState(rolloutId: string, revision: number, changes: Partial<RolloutState> = {}): RolloutState {
  return {
    rolloutId,
    revision,
    phase: 'canary',
    step: 1,
    evidenceFrom: 0,
    renewedFrom: 0,
    paused: false,
    since: at,
    provisional: false,
    decidedBy: 'controller',
    reason: 'nothing failed',
    createdAt: at + revision,
    ...changes,
  };
}

export function describeTraffic(revision: number, changes: Partial<Traffic> = {}): Traffic {
  return {
    model: 'chat',
    revision,
    stable: '1.0.0',
    weight: 0,
    shadow: 0,
    sticky: 'none',
    salt: '',
    decidedBy: 'manifest',
    reason: 'declared',
    createdAt: at + revision * 1_000,
    ...changes,
  };
}

export function describeReceipt(sequence: number, changes: Partial<Receipt> = {}): Receipt {
  return {
    projectId: 'default',
    sequence,
    kind: 'rollout',
    model: 'chat',
    version: '1.1.0',
    versionDigest: 'b'.repeat(64),
    body: { sequence, share: 0.1, text: '“é”', none: null },
    createdAt: at + sequence,
    previousHash: String(sequence - 1).padStart(64, '0'),
    hash: String(sequence).padStart(64, '0'),
    ...changes,
  };
}

export function describeHead(sequence: number): ReceiptHead {
  return {
    projectId: 'default',
    sequence,
    hash: String(sequence).padStart(64, '0'),
    createdAt: at,
    keyId: 'c'.repeat(64),
    signature: 'd'.repeat(128),
  };
}

/** The first transition of a rollout. */
export function begin(id: string, changes: Partial<Transition> = {}): Transition {
  return { rollout: describeRollout(id), state: describeState(id, 1), receipts: [], ...changes };
}
