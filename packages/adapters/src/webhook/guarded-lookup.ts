import { type LookupAddress, lookup as lookUpName } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type AddressRules, isAllowed } from './check-webhook-url.ts';
import { judgeAddress } from './judge-address.ts';

type LookUpAll = (
  name: string,
  options: { readonly all: true; readonly family: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

/**
 * Resolves names for connections that may lead to public places only. It stands where the connection is made, so the
 * address that was checked is the one that is connected to: a name that resolves to another the next time changes
 * nothing. One address that is not allowed is enough to refuse the name. Hosts that are IP addresses are never looked
 * up: they are checked with their URL.
 */
export function createGuardedLookup(rules: AddressRules, lookUpAll: LookUpAll = lookUpName): LookupFunction {
  return (name, { all, family }, callback) => {
    lookUpAll(name, { all: true, family: toFamily(family) }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) {
        callback(error ?? new Error(`${name} has no address.`), '', 0);
      } else if (!addresses.every(({ address }) => isAllowed(judgeAddress(address), rules))) {
        callback(new Error(`${name} resolves to an address that webhooks must not be sent to.`), '', 0);
      } else if (all === true) {
        callback(null, [...addresses]);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function toFamily(family: number | 'IPv4' | 'IPv6' | undefined): number {
  if (family === 'IPv4') return 4;
  return family === 'IPv6' ? 6 : (family ?? 0);
}
