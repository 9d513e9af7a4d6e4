import { formatShare } from '../../format/format-number.ts';
import { Sparkline } from '../../parts/sparkline.tsx';
import { Status } from '../../parts/status.tsx';
import type { Figure } from './figure.ts';
import styles from './figure-card.module.css';

/** One figure: the number first, then what it should be, then how it came here. */
export function FigureCard({ figure }: { readonly figure: Figure }) {
  const { title, of, measure, why, note, goal, series, goalLine } = figure;
  return (
    <div className={styles.figure} data-miss={goal?.isMet === false ? '' : undefined}>
      <dt>
        {title}
        {of === undefined || measure === undefined ? null : <span className={styles.of}>{of}</span>}
      </dt>
      <dd>
        {measure === undefined ? (
          <p className={styles.unknown}>
            <span className={styles.value}>–</span>
            {why}
          </p>
        ) : (
          <p className={styles.value}>
            {measure.value}
            {measure.unit === '' ? null : <span className={styles.unit}>{measure.unit}</span>}
          </p>
        )}
        {goal === undefined ? null : <Goal goal={goal} />}
        {note === undefined ? null : <p className={styles.note}>{note}</p>}
        {series === undefined || measure === undefined ? null : (
          <div className={styles.spark}>
            <Sparkline values={series} goal={goalLine} />
          </div>
        )}
      </dd>
    </div>
  );
}

function Goal({ goal: { text, isMet, budgetLeft } }: { readonly goal: NonNullable<Figure['goal']> }) {
  return (
    <>
      <p className={styles.note}>
        {isMet === undefined ? (
          `goal: ${text}`
        ) : (
          <Status tone={isMet ? 'good' : 'bad'}>{isMet ? text : `goal missed: ${text}`}</Status>
        )}
      </p>
      {budgetLeft === undefined ? null : <Budget left={budgetLeft} />}
    </>
  );
}

/** How much of the month's tolerance for misses is left. */
function Budget({ left }: { readonly left: number }) {
  const tone = left <= 0 ? 'bad' : left < 0.25 ? 'warn' : 'neutral';
  return (
    <p className={styles.budget} data-tone={tone} title="Of what the goal tolerates in 30 days">
      <span className={styles.budgetTrack} aria-hidden="true">
        <span style={{ width: `${Math.max(0, Math.min(1, left)) * 100}%` }} />
      </span>
      {left <= 0 ? 'budget used up' : `${formatShare(left)} of the budget left`}
    </p>
  );
}
