import type { HostProcess } from './start-host-process.ts';
import { testKey } from './start-test-host.ts';

/**
 * Asks a host's admin API with the key of the tests.
 * @typeParam T what the API documents for the path; the tests of the server check that it keeps to it
 * @throws an error with the answer when it is refused
 */
export async function admin<T>(host: HostProcess, path: string, init?: RequestInit): Promise<T> {
  const headers = { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' };
  const response = await fetch(`${host.url}/api/admin${path}`, { ...init, headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** A key, as the admin API tells of it when it is made. */
export interface CreatedKey {
  readonly key: { readonly id: string };
  readonly secret: string;
}
