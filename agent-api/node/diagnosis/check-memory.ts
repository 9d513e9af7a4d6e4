import { totalmem } from 'node:os';
import type { Check } from './finding.ts';

const mebibyte = 1024 * 1024;

export const checkMemory: Check = async ({ manifest, holder }) => {
  // A container's limit counts, where there is one; without one Node tells 0 or something beyond the machine's memory.
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const needed =
    (manifest?.models ?? []).reduce((sum, { requirements }) => sum + (requirements.memoryMb ?? 0), 0) * mebibyte;
  const available = process.availableMemory();
  const message = `${mebibytes(needed)} of memory declared by the models; ${mebibytes(available)} of ${mebibytes(total)} available.`;
  const fix = 'Remove models from the manifest, choose smaller ones, or use a machine with more memory.';
  if (needed > total) return [{ status: 'fail', message, fix }];
  // A server that runs has already taken its part.
  if (needed > available && holder === undefined) {
    return [{ status: 'warn', message, fix: 'End other programs before the start, or choose smaller models.' }];
  }
  return [{ status: 'ok', message }];
};

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MiB`;
}
