import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { label, megabytes, type Progress, sizeOf } from './progress.ts';

/** A bar for each version that is fetched. */
export function createBars(out: NodeJS.WriteStream): Progress {
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
    update: (spec, progress) => {
      const { phase, receivedBytes, source } = progress;
      const name = label(spec);
      const total = sizeOf(spec, progress);
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
