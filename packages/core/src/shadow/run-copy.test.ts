import { describe, expect, it } from 'vitest';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { EmbedRequest, LoadedVersion, WireRequest } from '../ports/model-runtime.ts';
import { runCopy } from './run-copy.ts';
import type { PlainRequest, ShadowWork } from './shadow-work.ts';

const context = { signal: new AbortController().signal, requestId: 'q1-shadow' };
const wire: WireRequest = { endpoint: 'embeddings', body: { input: 'hot' }, publicModel: 'm' };
const work: ShadowWork = { kind: 'forward', request: wire, answer: ['{"data":[{"embedding":[1,0]}]}'] };
const input = { kind: 'texts', texts: ['hot'] } as const;
const readWire = (): PlainRequest => ({ kind: 'embed', request: { input } });

/** A version that does no more than this. */
const version = (abilities: Partial<LoadedVersion>): LoadedVersion => ({
  stats: () => Promise.reject(new Error('Nobody asks.')),
  unload: async () => undefined,
  ...abilities,
});

describe('a request that an upstream answered', () => {
  it('goes to another upstream as it came', async () => {
    const forwarded: WireRequest[] = [];
    const candidate = version({
      forward: async (request) => {
        forwarded.push(request);
        return { kind: 'json', text: '{"data":[{"embedding":[0,1]}]}', usage: undefined };
      },
    });
    expect(await runCopy(candidate, work, context, readWire)).toEqual({ kind: 'vectors', vectors: [[0, 1]] });
    expect(forwarded).toEqual([wire]);
  });

  it('is read for an engine on this machine', async () => {
    const asked: EmbedRequest[] = [];
    const candidate = version({
      embed: async (request) => {
        asked.push(request);
        return { vectors: [Float32Array.of(0, 1)], inputTokens: 1 };
      },
    });
    const answer = await runCopy(candidate, work, context, readWire);
    expect(answer).toEqual({ kind: 'vectors', vectors: [Float32Array.of(0, 1)] });
    expect(asked).toEqual([{ input }]);
  });

  it.each([
    ['asks what only an upstream can do', { embed: () => Promise.reject(new Error('Nobody asks.')) }, refuse],
    ['is of a kind that the candidate does not do', {}, readWire],
    ['nobody can read', {}, undefined],
  ] as const)('and that %s cannot be copied', async (_, abilities, read) => {
    await expect(runCopy(version(abilities), work, context, read)).rejects.toMatchObject({ kind: 'unsupported' });
  });
});

function refuse(): never {
  throw new ScarmonitError('invalid_request', 'It has no ears.');
}
