import type { UpstreamVersionSpec } from '../../registry/version-spec.ts';

/** The name under which the receipt of the self-test stands. */
export const sandboxModel = 'scarmonit-self-test';
/** Its old version. */
export const oldVersion = '1.0.0';
/** The planted version. */
export const newVersion = '2.0.0';

/** A version of the sandbox as it is declared. A thousand tokens cost a tenth of a cent. */
export function describeSandboxVersion(version: string): UpstreamVersionSpec {
  return {
    model: sandboxModel,
    version,
    task: 'classification',
    runtime: 'openai-compatible',
    targets: [{ baseUrl: 'http://sandbox.invalid/v1', model: version, weight: 1 }],
    balance: 'weighted',
    options: {},
    prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 1, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
    timeoutMs: 60_000,
    fallbacks: [],
  };
}
