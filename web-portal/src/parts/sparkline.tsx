import styles from './sparkline.module.css';
import { toSparkline } from './to-sparkline.ts';

/** The last while of a figure, with its goal as a line across. Gaps stay gaps. Says nothing that its figure does not. */
export function Sparkline({
  values,
  goal,
}: {
  readonly values: readonly (number | null)[];
  readonly goal?: number | undefined;
}) {
  const { lines, goalY, dots } = toSparkline(values, goal, { width: 200, height: 36 });
  return (
    <svg className={styles.sparkline} viewBox="0 0 200 36" preserveAspectRatio="none" aria-hidden="true">
      {goalY === undefined ? null : <line className={styles.goal} x1="0" x2="200" y1={goalY} y2={goalY} />}
      {lines.map((points) => (
        <polyline key={points} className={styles.line} points={points} />
      ))}
      {dots.map(([x, y]) => (
        <line key={x} className={styles.dot} x1={x} x2={x} y1={y} y2={y} />
      ))}
    </svg>
  );
}
