import { afterEach, describe, expect, it } from 'vitest';
import { answer, completion } from '../fixtures/misbehaving-upstream.ts';
import { Opened, upstreamKey } from './open-gateway.ts';

const opened = new Opened();
afterEach(() => opened.close());

describe('updating a loaded version', () => {
  it('sends another key and keeps other weights from the next request on', async () => {
    const upstreams = await Promise.all(['a', 'b'].map((name) => opened.upstream(answer(200, completion(name)))));
    const { forward, version, spec } = await opened.gateway(upstreams);
    const update = version.prepareUpdate?.({
      ...spec,
      targets: spec.targets.map((target, index) => ({ ...target, apiKey: 'another-key', weight: index === 0 ? 3 : 1 })),
    });
    await forward();
    await forward();
    expect(upstreams.map(({ calls }) => calls.length)).toEqual([1, 1]);
    update?.();
    for (let count = 0; count < 8; count += 1) await forward();
    expect(upstreams.map(({ calls }) => calls.length)).toEqual([7, 3]);
    const keys = upstreams[0]?.calls.map(({ headers }) => headers.authorization);
    expect(keys?.[0]).toBe(`Bearer ${upstreamKey}`);
    expect(new Set(keys?.slice(1))).toEqual(new Set(['Bearer another-key']));
  });

  it('hides the keys of before from clients, too', async () => {
    const upstream = await opened.upstream(
      answer(400, { error: { message: `${upstreamKey} was replaced by another-key` } }),
    );
    const { forward, version, spec } = await opened.gateway([upstream]);
    version.prepareUpdate?.({
      ...spec,
      targets: spec.targets.map((target) => ({ ...target, apiKey: 'another-key' })),
    })();
    await expect(forward()).rejects.toMatchObject({ message: '[hidden] was replaced by [hidden]' });
  });

  it('changes nothing when a key is not there', async () => {
    const upstream = await opened.upstream(answer(200, completion('Hello')));
    const { forward, version, spec } = await opened.gateway([upstream]);
    const targets = spec.targets.map((target) => ({ ...target, apiKey: `\${MISSING_API_KEY}` }));
    expect(() => version.prepareUpdate?.({ ...spec, targets })).toThrow(/MISSING_API_KEY/);
    await forward();
    expect(upstream.calls[0]?.headers.authorization).toBe(`Bearer ${upstreamKey}`);
  });
});
