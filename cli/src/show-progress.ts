import { Presets, SingleBar } from 'cli-progress';
import { formatBytes } from './format-units.ts';
import type { Terminal } from './terminal.ts';

/** How far something is, as the artifact store and the package fetcher tell it. */
export interface ShownProgress {
  readonly phase: string;
  readonly source: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | undefined;
}

export interface ProgressDisplay {
  update(label: string, progress: ShownProgress): void;
  /** Idempotent. */
  stop(): void;
}

/** On standard error, so that results can be piped: a bar on a terminal, elsewhere a line for each tenth. */
export function createPullDisplay(terminal: Terminal): ProgressDisplay {
  return terminal.stderr.isTTY === true ? createBar(terminal) : createLines(terminal);
}

function createBar({ stderr }: Terminal): ProgressDisplay {
  const format = '{label}  {bar}  {detail}';
  const bar = new SingleBar(
    { format, stream: stderr as NodeJS.WritableStream, hideCursor: true },
    Presets.shades_classic,
  );
  let isRunning = false;
  return {
    update: (label, { phase, source, receivedBytes, totalBytes }) => {
      const total = totalBytes ?? Math.max(receivedBytes, 1);
      const detail = phase === 'fetch' ? `${formatBytes(receivedBytes)} of ${source}` : phase;
      if (!isRunning) bar.start(total, receivedBytes, { label, detail });
      isRunning = true;
      bar.setTotal(total);
      bar.update(receivedBytes, { label, detail });
    },
    stop: () => {
      if (isRunning) bar.stop();
      isRunning = false;
    },
  };
}

function createLines({ note }: Terminal): ProgressDisplay {
  let last = '';
  return {
    update: (label, { phase, source, receivedBytes, totalBytes }) => {
      const tenth =
        totalBytes === undefined || totalBytes === 0 ? undefined : Math.floor((receivedBytes / totalBytes) * 10);
      const mark = `${label} ${phase} ${source} ${tenth}`;
      if (mark === last) return;
      last = mark;
      const share = tenth === undefined ? '' : ` ${tenth * 10} %`;
      note(phase === 'fetch' ? `${label}: ${source}${share}, ${formatBytes(receivedBytes)}` : `${label}: ${phase}`);
    },
    stop: () => undefined,
  };
}
