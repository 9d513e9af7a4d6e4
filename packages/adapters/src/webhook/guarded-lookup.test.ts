import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createUndiciTransport } from '../undici/create-undici-transport.ts';
import { createGuardedLookup } from './guarded-lookup.ts';

type Found = { readonly error: Error | null; readonly address: unknown };

/** A resolver that gives these answers, the last for ever. */
const resolver = (...answers: readonly (readonly string[])[]) => {
  let asked = 0;
  const lookUp: Parameters<typeof createGuardedLookup>[1] = (_name, _options, callback) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return lookUp;
};

const lookUp = (addresses: readonly string[], allowPrivate: boolean, all = false) =>
  new Promise<Found>((resolve) => {
    createGuardedLookup({ allowPrivate }, resolver(addresses))('hooks.test', { all }, (error, address) =>
      resolve({ error, address }),
    );
  });

const post = {
  method: 'POST',
  path: '/',
  headers: {},
  body: '{}',
  firstByteTimeoutMs: 5_000,
  idleTimeoutMs: 5_000,
} as const;

describe('createGuardedLookup', () => {
  it('hands public addresses on, one or all', async () => {
    expect(await lookUp(['1.1.1.1', '2606:4700::1'], false)).toEqual({ error: null, address: '1.1.1.1' });
    expect(await lookUp(['1.1.1.1', '2606:4700::1'], false, true)).toEqual({
      error: null,
      address: [
        { address: '1.1.1.1', family: 4 },
        { address: '2606:4700::1', family: 6 },
      ],
    });
  });

  it.each([['127.0.0.1'], ['10.0.0.1'], ['100.64.0.1'], ['::1'], ['fd12::1'], ['::ffff:10.0.0.1']])(
    'refuses a name that resolves to %s unless that is allowed',
    async (address) => {
      expect((await lookUp([address], false)).error?.message).toContain('must not be sent to');
      expect((await lookUp([address], true)).error).toBeNull();
    },
  );

  it.each([['169.254.169.254'], ['fd00:ec2::254'], ['0.0.0.0'], ['::'], ['224.0.0.1'], ['fe80::1']])(
    'refuses a name that resolves to %s in any case',
    async (address) => {
      expect((await lookUp([address], true)).error?.message).toContain('must not be sent to');
    },
  );

  it('refuses a name one of whose addresses is not allowed, and one that has none', async () => {
    expect((await lookUp(['1.1.1.1', '10.0.0.1'], false)).error?.message).toContain('must not be sent to');
    expect((await lookUp([], false)).error?.message).toContain('no address');
  });

  it('connects by undici to the address that was checked, and never after a name has changed to another', async () => {
    const hosts: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      hosts.push(request.headers.host);
      response.setHeader('connection', 'close').end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const lookup = createGuardedLookup({ allowPrivate: true }, resolver(['127.0.0.1'], ['169.254.169.254']));
    const connections = createUndiciTransport({ lookup }).open(`http://hooks.test:${port}`, {
      connectTimeoutMs: 5_000,
    });
    const { signal } = new AbortController();
    const answer = await connections.request({ ...post, signal });
    for await (const _ of answer.body);
    expect(answer.status).toBe(200);
    await expect(connections.request({ ...post, signal })).rejects.toMatchObject({
      failure: 'connect',
      message: expect.stringContaining('must not be sent to'),
    });
    expect(hosts).toEqual([`hooks.test:${port}`]);
    await connections.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
