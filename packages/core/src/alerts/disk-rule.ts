import { dayMs, hourMs, minuteMs } from '../metrics/windows.ts';
import type { AlertReading, AlertRule, AlertSeverity } from './alert.ts';
import { formatBytes, formatShare } from './words.ts';

/** The file system of the data directory. */
export interface DiskSpace {
  /** What this process may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** The smaller of the two counts, so that neither a small nor a large disk is called full too early. */
const limits = {
  page: { share: 0.03, bytes: 2e9 },
  ticket: { share: 0.1, bytes: 20e9 },
} as const satisfies Record<AlertSeverity, { readonly share: number; readonly bytes: number }>;

export const diskRules: readonly AlertRule[] = (['page', 'ticket'] as const).map((severity) => ({
  id: `disk/${severity}`,
  kind: 'disk',
  severity,
  title: 'Disk space',
  condition: `Less than ${formatShare(limits[severity].share)} and less than ${formatBytes(limits[severity].bytes)} of the data directory's disk are free.`,
  holdMs: minuteMs,
  clearMs: 5 * minuteMs,
  remindEveryMs: severity === 'page' ? 4 * hourMs : dayMs,
}));

export function readDisk({ freeBytes, totalBytes }: DiskSpace): readonly AlertReading[] {
  let isPaged = false;
  return diskRules.map((rule) => {
    const { share, bytes } = limits[rule.severity];
    const isLow = freeBytes < Math.min(share * totalBytes, bytes);
    const isTrue = isLow && !isPaged;
    isPaged ||= isLow;
    return {
      rule,
      isTrue,
      summary: `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are free on the disk of the data directory.`,
      advice:
        'Make room before requests, receipts and downloads can no longer be written: remove artifacts that no version ' +
        'needs, keep records for fewer days (SCARMONIT_RETENTION_DAYS), or move the data directory to a larger disk.',
      figures: [
        { name: 'free', value: freeBytes, unit: 'bytes' },
        { name: 'size', value: totalBytes, unit: 'bytes' },
      ],
    };
  });
}
