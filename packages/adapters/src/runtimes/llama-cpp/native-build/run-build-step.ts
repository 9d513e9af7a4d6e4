import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** How far a build is, in files that are compiled. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
}

export interface BuildStep {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  onProgress?(progress: BuildProgress): void;
}

/** How much of what a failed step said is told. */
const toldLines = 20;

/**
 * Runs one program of a build and reads its progress as Ninja (`[9/208]`) and Make (`[ 12%]`) tell it. Aborting ends it
 * with everything that it started.
 * @throws ScarmonitError `engine_failure` with the last lines that it printed, `cancelled` when aborted
 */
export async function runBuildStep({ command, args, cwd, env, signal, onProgress }: BuildStep): Promise<void> {
  const ownGroup = process.platform !== 'win32';
  const child = spawn(command, args, { cwd, env, detached: ownGroup, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const take = (text: string): void => {
    for (const line of text.split(/[\r\n]+/)) {
      const progress = readProgress(line);
      if (progress !== undefined) onProgress?.(progress);
      if (line.trim() !== '') lines.push(line);
    }
    lines.splice(0, lines.length - toldLines);
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const stop = (): void => {
    if (child.pid === undefined) return;
    if (ownGroup) process.kill(-child.pid, 'SIGKILL');
    else child.kill();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const [code] = await once(child, 'close');
    if (signal.aborted) throw new ScarmonitError('cancelled', 'The build was stopped.');
    if (code !== 0) throw new ScarmonitError('engine_failure', `The build failed:\n${lines.join('\n')}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** @returns undefined for a line that tells none */
export function readProgress(line: string): BuildProgress | undefined {
  const [, done, total] = /^\s*\[\s*(\d+)(?:\/(\d+)|%)\]/.exec(line) ?? [];
  return done === undefined ? undefined : { done: Number(done), total: total === undefined ? 100 : Number(total) };
}
