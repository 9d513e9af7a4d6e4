import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ModelSpec } from '../manifest/manifest.ts';
import { linkReceipts } from '../receipts/link-receipts.ts';
import { signHead } from '../receipts/sign-head.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { TransitionPorts } from './record-transition.ts';

/** What the store says of the models' traffic. */
export interface StoredTraffic {
  readonly current: ReadonlyMap<string, Traffic>;
  /** The `stable` that a manifest last wanted. */
  readonly wanted: ReadonlyMap<string, string>;
}

/**
 * What a manifest's `stable` asks for:
 *
 * - `keep`: nothing; the file has not changed, or what it wants is stable already. A promotion is never undone by it.
 * - `switch`: other traffic at once. So it is for a new model, and for one without `rollout` settings.
 * - `rollout`: a rollout by the model's settings; until it decides, the traffic stays.
 */
export type DeclaredTraffic =
  | { readonly kind: 'keep'; readonly traffic: Traffic; readonly rememberWanted: boolean }
  | { readonly kind: 'switch'; readonly traffic: Traffic }
  | { readonly kind: 'rollout'; readonly traffic: Traffic; readonly to: string };

export interface DeclarePorts extends TransitionPorts {
  readonly projectId: string;
}

export async function readStoredTraffic({ rollouts, projectId }: DeclarePorts): Promise<StoredTraffic> {
  const [current, wanted] = await Promise.all([rollouts.currentTraffic(projectId), rollouts.wantedStables(projectId)]);
  return { current: new Map(current.map((traffic) => [traffic.model, traffic])), wanted };
}

/**
 * Compares what the file wants with what is.
 * @param now milliseconds since the Unix epoch
 * @throws ScarmonitError `conflict` when a changed file asks for something while a rollout is going on
 */
export function declareTraffic(spec: ModelSpec, { current, wanted }: StoredTraffic, now: number): DeclaredTraffic {
  const { name: model, stable } = spec;
  const traffic = current.get(model);
  if (traffic === undefined) {
    return { kind: 'switch', traffic: declared(model, stable, 1, 'the manifest declares the model', now) };
  }
  if (wanted.get(model) === stable) return { kind: 'keep', traffic, rememberWanted: false };
  if (traffic.candidate !== undefined && traffic.candidate !== stable) {
    throw new ScarmonitError(
      'conflict',
      `Nothing was changed: the manifest wants ${model}@${stable} while ${traffic.candidate} is being rolled out. ` +
        'Let the rollout end, or abort it first.',
      { code: 'rollout_in_progress' },
    );
  }
  if (traffic.stable === stable || traffic.candidate === stable) return { kind: 'keep', traffic, rememberWanted: true };
  if (spec.rollout !== undefined) return { kind: 'rollout', traffic, to: stable };
  const reason = `the manifest's stable changed from ${traffic.stable}`;
  return { kind: 'switch', traffic: declared(model, stable, traffic.revision + 1, reason, now) };
}

function declared(model: string, stable: string, revision: number, reason: string, createdAt: number): Traffic {
  return {
    model,
    revision,
    stable,
    weight: 0,
    shadow: 0,
    sticky: 'none',
    salt: '',
    decidedBy: 'manifest',
    reason,
    createdAt,
  };
}

/**
 * Writes down what a manifest asked for: new traffic with its receipt, and that it was asked.
 * @param digest of the declaration of the version that becomes stable
 * @returns false when somebody else changed the deployment first; nothing has changed then
 */
export async function writeDeclared(
  declared: DeclaredTraffic,
  stable: string,
  digest: string,
  { projectId, rollouts, receipts, clock, hash, signer }: DeclarePorts,
): Promise<boolean> {
  const { traffic } = declared;
  const now = clock.now();
  const wanted = { model: traffic.model, stable, updatedAt: now };
  if (declared.kind === 'rollout') return rollouts.commit(projectId, { wanted, receipts: [] });
  if (declared.kind === 'keep') {
    return declared.rememberWanted ? rollouts.commit(projectId, { wanted, receipts: [] }) : true;
  }
  const { model, revision, decidedBy, reason } = traffic;
  const draft = {
    kind: 'traffic' as const,
    model,
    version: stable,
    versionDigest: digest,
    body: { revision, stable, candidate: null, weight: 0, decidedBy, reason },
  };
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const links = linkReceipts(projectId, await receipts.last(projectId), [draft], now, hash);
    const [link] = links;
    const isWritten = await rollouts.commit(projectId, {
      traffic,
      wanted,
      receipts: links,
      ...(link === undefined ? {} : { head: await signHead(link, now, signer) }),
    });
    if (isWritten) return true;
    const [newest] = await rollouts.listTraffic(projectId, model, { limit: 1 });
    if ((newest?.revision ?? 0) >= revision) return false;
  }
  return false;
}

/** The chain of receipts is the project's: a transition of another model may take the next link at the same moment. */
const mostAttempts = 5;
