import { identifyVersion } from '../deployments/identify-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { linkReceipts } from '../receipts/link-receipts.ts';
import type { ReceiptDraft } from '../receipts/receipt.ts';
import { signHead } from '../receipts/sign-head.ts';
import { plantedVersions } from '../rollouts/self-test/planted-versions.ts';
import { describeSandboxVersion, newVersion, sandboxModel } from '../rollouts/self-test/sandbox-model.ts';
import type { SandboxStores } from '../rollouts/self-test/sandbox-store.ts';
import type { TransitionPorts } from './record-transition.ts';
import type { SelfTestCase, SelfTestProgress, SelfTestReport, SelfTestService } from './self-test-report.ts';
import { rolloutPlanted, type SandboxPorts } from './self-test-sandbox.ts';

export interface SelfTestPorts extends SandboxPorts, Omit<TransitionPorts, 'clock'> {
  readonly projectId: string;
  /** Opens what the sandbox is written to; each self-test has stores of its own. */
  openStores(): Promise<SandboxStores>;
}

/** The same requests each time: a rule that has not changed decides as it did before. */
const seed = 1;
/** Other transitions of the project take links of the same chain. */
const mostAttempts = 5;

/** Shows on a live host that what decides about rollouts stops bad versions, with the host's own rules. */
export function createSelfTestService(ports: SelfTestPorts): SelfTestService {
  let isRunning = false;
  return {
    run: async function* (by) {
      if (isRunning) {
        throw new ScarmonitError('conflict', 'A self-test is running. Wait for its end.', {
          code: 'self_test_running',
        });
      }
      isRunning = true;
      try {
        const report = yield* runCases(ports);
        await writeReceipt(report, by, ports);
        return report;
      } finally {
        isRunning = false;
      }
    },
  };
}

async function* runCases(ports: SelfTestPorts): AsyncGenerator<SelfTestProgress, SelfTestReport, undefined> {
  const startedMs = ports.clock.monotonicMs();
  const stores = await ports.openStores();
  try {
    const cases: SelfTestCase[] = [];
    for (const [index, version] of plantedVersions.entries()) {
      const rollout = rolloutPlanted(version, seed + index, ports, stores);
      for await (const requests of untilEnd(rollout, cases)) {
        yield { name: version.name, number: index + 1, of: plantedVersions.length, requests };
      }
    }
    const tookMs = Math.round(ports.clock.monotonicMs() - startedMs);
    return { cases, store: stores.kind, seed, tookMs, passed: cases.every(({ passed }) => passed) };
  } finally {
    await stores.close();
  }
}

/** Also ends the steps when whoever reads them goes. */
async function* untilEnd<Step, Result>(
  steps: AsyncGenerator<Step, Result, undefined>,
  results: Result[],
): AsyncGenerator<Step, void, undefined> {
  results.push(yield* steps);
}

async function writeReceipt(report: SelfTestReport, by: string, ports: SelfTestPorts): Promise<void> {
  const { projectId, rollouts, receipts, clock, hash, signer } = ports;
  const version = describeSandboxVersion(newVersion);
  const draft: ReceiptDraft = {
    kind: 'self-test',
    model: sandboxModel,
    version: version.version,
    versionDigest: identifyVersion(version, hash),
    body: { ...report, by },
  };
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const now = clock.now();
    const links = linkReceipts(projectId, await receipts.last(projectId), [draft], now, hash);
    const head = links[0] === undefined ? undefined : await signHead(links[0], now, signer);
    if (await rollouts.commit(projectId, { receipts: links, ...(head === undefined ? {} : { head }) })) return;
  }
  throw new ScarmonitError('conflict', 'The receipt of the self-test found no place in the chain. Run it again.', {
    code: 'revision_conflict',
  });
}
