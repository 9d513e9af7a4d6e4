import { formatClock } from '../../format/format-time.ts';
import { dashOf } from './chart-options.ts';
import { type ChartMeasure, findLatest, measures, type VersionLines } from './to-version-lines.ts';
import styles from './version-chart.module.css';

/** The versions' lines with their values where the cursor is, and the latest while there is none. */
export function ChartLegend(props: {
  readonly measure: ChartMeasure;
  readonly lines: VersionLines;
  readonly point: number | undefined;
}) {
  const { measure, lines, point } = props;
  const shape = measures[measure];
  const at = point ?? findLatest(lines);
  if (at === undefined) return null;
  const time = lines.times[at];
  return (
    <ul className={styles.legend}>
      <li className={styles.time}>{time === undefined ? '' : formatClock(time * 1000).slice(0, 5)}</li>
      {lines.versions.map(({ version, values }, index) => (
        <li key={version}>
          <svg width="24" height="8" viewBox="0 0 24 8" aria-hidden="true">
            <line x1="0" x2="24" y1="4" y2="4" strokeDasharray={dashOf(index).join(' ')} />
          </svg>
          <strong>{version}</strong>
          {shape.lines.map(({ title }, line) => {
            const value = values[line]?.[at] ?? null;
            return (
              <span key={title}>
                {title === '' ? '' : `${title} `}
                {value === null ? '–' : shape.format(value)}
              </span>
            );
          })}
        </li>
      ))}
    </ul>
  );
}
