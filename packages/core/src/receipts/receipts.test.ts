import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateGate } from '../gates/evaluate-gate.ts';
import { noFacts } from '../gates/facts.ts';
import type { SignatureVerifier, Signer } from '../ports/signer.ts';
import { compilePlan, defaultRolloutSettings } from '../rollouts/rollout-settings.ts';
import { linkReceipts } from './link-receipts.ts';
import type { Receipt, ReceiptDraft, ReceiptHead } from './receipt.ts';
import { recomputeVerdicts } from './recompute-verdicts.ts';
import { signHead } from './sign-head.ts';
import { verifyChain } from './verify-chain.ts';

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
const hash = { sha256Hex: sha256 };
const sign = (key: string, message: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha512').update(key).update(message).digest());
const signerOf = (key: string): Signer => ({
  identify: async () => ({ id: sha256(key), bytes: new TextEncoder().encode(key) }),
  sign: async (message) => sign(key, message),
});
const verifier: SignatureVerifier = {
  verify: async (publicKey, message, signature) =>
    Buffer.from(sign(new TextDecoder().decode(publicKey), message)).equals(Buffer.from(signature)),
};
const publicKeys = new Map([[sha256('mine'), new TextEncoder().encode('mine')]]);

const draft = (number: number): ReceiptDraft => ({
  kind: 'rollout',
  model: 'chat',
  version: '1.1.0',
  versionDigest: 'd'.repeat(64),
  ...(number % 2 === 0 ? {} : { rolloutId: 'r1' }),
  body: { number, reason: `because of ${number}`, nested: { shares: [0.1, 0.25], none: null } },
});
const chainOf = (length: number): readonly Receipt[] =>
  linkReceipts(
    'default',
    undefined,
    Array.from({ length }, (_, number) => draft(number)),
    1_700_000_000_000,
    hash,
  );
const headOf = async (chain: readonly Receipt[], key = 'mine'): Promise<ReceiptHead> =>
  signHead(chain.at(-1) ?? { projectId: 'default', sequence: 0, hash: '' }, 1_700_000_000_001, signerOf(key));
const verify = (receipts: readonly Receipt[], heads: readonly ReceiptHead[]) =>
  verifyChain({ projectId: 'default', receipts, heads, publicKeys }, hash, verifier);
const kindsOf = async (receipts: readonly Receipt[], heads: readonly ReceiptHead[]) =>
  (await verify(receipts, heads)).problems.map(({ kind, sequence }) => `${kind} at ${sequence}`);

describe('a chain of receipts', () => {
  it('has no problems as it was written, in one piece or in several', async () => {
    const first = chainOf(3);
    const rest = linkReceipts('default', first.at(-1), [draft(3), draft(4)], 1_700_000_000_005, hash);
    const chain = [...first, ...rest];
    const report = await verify(chain, [await headOf(first), await headOf(chain)]);
    expect(report).toEqual({
      receipts: 5,
      heads: 2,
      last: { sequence: 5, hash: chain[4]?.hash },
      problems: [],
    });
  });

  it('shows a change of any byte of any receipt', async () => {
    const chain = chainOf(5);
    const head = await headOf(chain);
    const stored = chain.map((receipt) => JSON.stringify(receipt));
    await fc.assert(
      fc.asyncProperty(fc.nat(4), fc.nat(), fc.integer({ min: 1, max: 127 }), async (index, place, flip) => {
        const bytes = Buffer.from(stored[index] ?? '');
        bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ flip;
        let edited: Receipt;
        try {
          edited = JSON.parse(bytes.toString()) as Receipt;
        } catch {
          return;
        }
        fc.pre(JSON.stringify(edited) !== stored[index]);
        const problems = await verify(chain.with(index, edited), [head]).then(
          (report) => report.problems.length,
          () => 1,
        );
        expect(problems).toBeGreaterThan(0);
      }),
      { numRuns: 1_000, seed: 1 },
    );
  });

  it('shows what was removed, put in another order or cut off at the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 8 }), fc.nat(), fc.nat(), async (length, from, to) => {
        const chain = chainOf(length);
        const head = await headOf(chain);
        const without = chain.filter((_, index) => index !== from % length);
        expect((await verify(without, [head])).problems).not.toEqual([]);
        expect((await verify(chain.slice(0, from % length), [head])).problems).not.toEqual([]);
        const [a, b] = [from % length, to % length];
        fc.pre(a !== b);
        const swapped = chain.with(a, chain[b] as Receipt).with(b, chain[a] as Receipt);
        expect((await verify(swapped, [head])).problems).not.toEqual([]);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('says where and what', async () => {
    const chain = chainOf(4);
    const head = await headOf(chain);
    expect(await kindsOf(chain.slice(0, 2), [head])).toEqual(['cut-off at 4']);
    expect(await kindsOf([], [head])).toEqual(['cut-off at 4']);
    expect(await kindsOf(chain.toSpliced(1, 1), [head])).toEqual(['missing at 3', 'broken-link at 3']);
  });

  it('shows a chain that was written anew, hashes and all', async () => {
    const chain = chainOf(3);
    const other = linkReceipts('default', undefined, [draft(9), draft(8), draft(7)], 1_700_000_000_000, hash);
    expect(await kindsOf(other, [await headOf(chain)])).toEqual(['head-mismatch at 3']);
  });

  it('shows heads of unknown keys, with other signatures, or edited', async () => {
    const chain = chainOf(2);
    const head = await headOf(chain);
    expect(await kindsOf(chain, [await headOf(chain, 'another')])).toEqual(['unknown-key at 2']);
    expect(await kindsOf(chain, [{ ...head, signature: 'ab'.repeat(64) }])).toEqual(['bad-signature at 2']);
    expect(await kindsOf(chain, [{ ...head, signature: 'not hex' }])).toEqual(['bad-signature at 2']);
    expect(await kindsOf(chain, [{ ...head, createdAt: head.createdAt + 1 }])).toEqual(['bad-signature at 2']);
  });

  it('refuses to hash what is not JSON', () => {
    const drafts = [{ ...draft(1), body: { logE: Number.POSITIVE_INFINITY } }];
    expect(() => linkReceipts('default', undefined, drafts, 0, hash)).toThrow(TypeError);
  });
});

describe('recomputed verdicts', () => {
  const { gates } = compilePlan(defaultRolloutSettings, { maxErrorRate: 0.01, minAccuracy: 0.9 }, 'salt');
  const row = { revision: 2, arm: 'candidate', event: 'error' } as const;
  const facts = {
    ...noFacts,
    exposures: [{ ...row, weight: 0.25, unit: 'request' as const, exposed: 1_000, events: 60 }],
    buckets: [{ ...row, requests: 50, events: 3, buckets: 20 }],
  };
  const bodies = gates.map((gate) => ({ gate, reading: evaluateGate(gate, facts) }));
  const recompute = (changed: readonly Readonly<Record<string, unknown>>[]) =>
    recomputeVerdicts(
      linkReceipts(
        'default',
        undefined,
        [draft(1), ...changed.map((body) => ({ ...draft(1), kind: 'gate' as const, body }))],
        0,
        hash,
      ),
    );
  const [absolute] = bodies;

  it('agree with receipts as they were written, whatever the verdict', async () => {
    expect(bodies.map(({ reading }) => reading.verdict)).toEqual(['fail', 'fail', 'inconclusive']);
    expect(await recompute(JSON.parse(JSON.stringify(bodies)))).toEqual({ gates: 3, problems: [] });
  });

  it.each([
    [{ logE: 0.5 }, /^Receipt 2: log E is \d+\.\d+, not 0\.5\.$/],
    [{ verdict: 'pass' }, /^Receipt 2: the verdict is fail, not pass\.$/],
    [{ threshold: 1 }, /^Receipt 2: the threshold is 5\.7\d+, not 1\.$/],
    [{ required: 0 }, /^Receipt 2: the gate requires \d+, not 0\.$/],
    [{ gate: 'other' }, /^Receipt 2: the reading is of other, the gate is maxErrorRate\/absolute\.$/],
    [{ statistics: { test: 'paired-worse', pairs: {} } }, /^Receipt 2: it cannot be recalculated: /],
  ])('tell that %o is not what the statistics say', async (change, message) => {
    const { problems } = await recompute([{ ...absolute, reading: { ...absolute?.reading, ...change } }]);
    expect(problems).toEqual([{ sequence: 2, message: expect.stringMatching(message) }]);
  });

  it('tell of a gate receipt without statistics', async () => {
    const { problems } = await recompute([{ unreadable: '{' }]);
    expect(problems).toHaveLength(1);
  });
});
