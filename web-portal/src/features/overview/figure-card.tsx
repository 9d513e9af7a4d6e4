import { Sparkline } from '../../parts/sparkline.tsx';
import { Status } from '../../parts/status.tsx';
import type { Figure } from './figure.ts';
import styles from './overview-page.module.css';

/** One figure: the number first, then what it should be, then how it came here. */
export function FigureCard({ figure }: { readonly figure: Figure }) {
  const { title, measure, why, note, goal, series, goalLine } = figure;
  return (
    <div className={styles.figure} data-miss={goal?.isMet === false ? '' : undefined}>
      <dt>{title}</dt>
      <dd>
        {measure === undefined ? (
          <p className={styles.unknown}>
            <span className={styles.value}>–</span>
            {why}
          </p>
        ) : (
          <p className={styles.value}>
            {measure.value}
            <span className={styles.unit}>{measure.unit}</span>
          </p>
        )}
        <p className={styles.note}>
          {goal === undefined ? null : goal.isMet === undefined ? (
            <span>goal: {goal.text}</span>
          ) : (
            <Status tone={goal.isMet ? 'good' : 'bad'}>{goal.isMet ? goal.text : `goal missed: ${goal.text}`}</Status>
          )}
          {goal === undefined && note !== undefined ? note : null}
        </p>
        {series === undefined || measure === undefined ? null : (
          <div className={styles.spark}>
            <Sparkline values={series} goal={goalLine} />
          </div>
        )}
      </dd>
    </div>
  );
}
