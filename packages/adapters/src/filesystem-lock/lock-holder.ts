import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Who holds the lock, for a message to people. The lock itself does not rest on it. */
export interface LockHolder {
  readonly processId: number;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** Writes down that this process holds the lock. Only the holder may call it. */
export function recordHolder(directory: string): void {
  const holder: LockHolder = { processId: process.pid, host: hostname(), since: new Date().toISOString() };
  writeFileSync(fileOf(directory), JSON.stringify(holder), { mode: 0o600 });
}

/** Removes what {@link recordHolder} wrote. Only the holder may call it. */
export function forgetHolder(directory: string): void {
  rmSync(fileOf(directory), { force: true });
}

/**
 * Who wrote last. Undefined when nobody did, or when that process is gone: then the lock was taken by another one that
 * has not yet written its entry.
 */
export function readHolder(directory: string): LockHolder | undefined {
  const holder = parseHolder(directory);
  if (holder === undefined) return undefined;
  return holder.host === hostname() && !isAlive(holder.processId) ? undefined : holder;
}

function parseHolder(directory: string): LockHolder | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(fileOf(directory), 'utf8'));
    if (typeof entry !== 'object' || entry === null) return undefined;
    const { processId, host, since } = entry as Partial<Record<keyof LockHolder, unknown>>;
    if (typeof processId !== 'number' || typeof host !== 'string' || typeof since !== 'string') return undefined;
    return { processId, host, since };
  } catch {
    // Missing or half-written: nothing is known, and that is said.
    return undefined;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fileOf(directory: string): string {
  return join(directory, 'lock.json');
}
