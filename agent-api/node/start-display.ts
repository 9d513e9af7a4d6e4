import type { VersionEvents } from '@scarmonit/core/deployments/supervise-version';
import type { HostConfig } from './config.ts';
import { label, megabytes, type Progress, sizeOf } from './progress.ts';
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

function createProgress(out: NodeJS.WriteStream): Progress {
  return out.isTTY ? createBarsWhenNeeded(out) : createLines(out);
}

/** Most starts fetch nothing: what draws the bars is imported with the first piece that arrives, which is not drawn. */
function createBarsWhenNeeded(out: NodeJS.WriteStream): Progress {
  let asked = false;
  let bars: Progress | undefined;
  return {
    update: (spec, progress) => {
      bars?.update(spec, progress);
      if (asked) return;
      asked = true;
      void import('./progress-bars.ts').then(({ createBars }) => {
        bars = createBars(out);
      });
    },
    finish: (spec) => bars?.finish(spec),
    say: (line) => (bars === undefined ? out.write(`${line}\n`) : bars.say(line)),
    stop: () => bars?.stop(),
  };
}

/** A line when something starts and at each tenth of it, so that logs stay short. */
function createLines(out: NodeJS.WriteStream): Progress {
  const shown = new Map<string, string>();
  return {
    update: (spec, progress) => {
      const { phase, source, receivedBytes } = progress;
      const total = sizeOf(spec, progress);
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
