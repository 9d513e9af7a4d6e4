import type { VersionEvents } from '@scarmonit/core/deployments/supervise-version';
import type { PullProgress } from '@scarmonit/core/ports/artifact-store';
import { hasArtifact, type VersionSpec } from '@scarmonit/core/registry/version-spec';
import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { HostConfig } from './config.ts';
import type { NodeHost } from './start-node-host.ts';

/** What a person sees while the host starts. */
export interface StartDisplay {
  readonly events: VersionEvents;
  ready(host: NodeHost, config: HostConfig): void;
  stopping(): void;
  /** Leaves the terminal as it was, however the start ended. */
  end(): void;
}

/** Progress bars on a terminal, plain lines elsewhere. */
export function createStartDisplay(out: NodeJS.WriteStream): StartDisplay {
  const progress = createProgress(out);
  const print = (line: string): void => {
    out.write(`${line}\n`);
  };
  return {
    events: {
      onPullProgress: progress.update,
      onState: (spec, state, reason) => {
        if (state === 'ready' || state === 'failed') progress.finish(spec);
        if (state === 'failed') progress.say(`${label(spec)} cannot be loaded: ${reason}`);
        if (state === 'restarting') progress.say(`${label(spec)} is restarting: ${reason}`);
      },
    },
    ready: ({ url, models, bootstrapKey }, { dataDir }) => {
      progress.stop();
      print('');
      for (const { spec, traffic, versions } of models()) {
        const supervisor = versions.get(traffic.stable);
        print(`  ${spec.name.padEnd(18)} ${spec.task.padEnd(15)} ${traffic.stable.padEnd(10)} ${supervisor?.state}`);
      }
      print('');
      if (bootstrapKey.secret !== undefined) {
        print(`API key: ${bootstrapKey.secret}`);
        print('  Shown this once; only its hash is kept. Make others with: npx scarmonit keys create');
      } else {
        print(`API key: ${bootstrapKey.prefix}… (made earlier; data in ${dataDir})`);
      }
      print(`Scarmonit is ready at ${url}`);
    },
    stopping: () => {
      progress.stop();
      print('Stopping: finishing requests in flight …');
    },
    end: () => progress.stop(),
  };
}

interface Progress {
  update(spec: VersionSpec, progress: PullProgress): void;
  finish(spec: VersionSpec): void;
  say(line: string): void;
  stop(): void;
}

function createProgress(out: NodeJS.WriteStream): Progress {
  return out.isTTY ? createBars(out) : createLines(out);
}

function createBars(out: NodeJS.WriteStream): Progress {
  const bars = new MultiBar(
    {
      stream: out,
      format: '  {label} {bar} {percentage}% {phase}',
      hideCursor: true,
      clearOnComplete: false,
      forceRedraw: true,
    },
    Presets.shades_classic,
  );
  const byVersion = new Map<string, SingleBar>();
  return {
    update: (spec, { phase, receivedBytes, totalBytes, source }) => {
      const name = label(spec);
      const total = Math.max(totalBytes ?? declaredBytes(spec), receivedBytes, 1);
      const bar = byVersion.get(name) ?? bars.create(total, 0, { label: name, phase: '' });
      byVersion.set(name, bar);
      bar.setTotal(total);
      bar.update(receivedBytes, { phase: phase === 'fetch' ? `${megabytes(receivedBytes)} of ${source}` : phase });
    },
    finish: (spec) => {
      const bar = byVersion.get(label(spec));
      bar?.update(bar.getTotal(), { phase: 'done' });
      bar?.stop();
    },
    say: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}

/** A line when something starts and at each tenth of it, so that logs stay short. */
function createLines(out: NodeJS.WriteStream): Progress {
  const shown = new Map<string, string>();
  return {
    update: (spec, { phase, source, receivedBytes, totalBytes }) => {
      const total = Math.max(totalBytes ?? declaredBytes(spec), receivedBytes, 1);
      const tenth = Math.floor((receivedBytes / total) * 10);
      const mark = phase === 'fetch' ? `${source} ${tenth}` : phase;
      const name = label(spec);
      if (shown.get(name) === mark) return;
      shown.set(name, mark);
      const detail = phase === 'fetch' ? `${source} ${tenth * 10} %, ${megabytes(receivedBytes)}` : '';
      out.write(`${name}: ${phase} ${detail}`.trimEnd().concat('\n'));
    },
    finish: () => undefined,
    say: (line) => out.write(`${line}\n`),
    stop: () => undefined,
  };
}

/** A package's size is not known before it is here; what its parts will have is a fair guess. */
function declaredBytes(spec: VersionSpec): number {
  return hasArtifact(spec) ? spec.artifact.from.reduce((sum, { bytes = 0 }) => sum + bytes, 0) : 0;
}

function label({ model, version }: VersionSpec): string {
  return `${model}@${version}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
