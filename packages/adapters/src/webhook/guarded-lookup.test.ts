import { describe, expect, it } from 'vitest';
import { createGuardedLookup } from './guarded-lookup.ts';

type Found = { readonly error: Error | null; readonly address: unknown };

/** A resolver that always finds these. */
const resolver =
  (addresses: readonly string[]): Parameters<typeof createGuardedLookup>[1] =>
  (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const lookUp = (addresses: readonly string[], allowPrivate: boolean, all = false) =>
  new Promise<Found>((resolve) => {
    createGuardedLookup({ allowPrivate }, resolver(addresses))('hooks.test', { all }, (error, address) =>
      resolve({ error, address }),
    );
  });

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
});
