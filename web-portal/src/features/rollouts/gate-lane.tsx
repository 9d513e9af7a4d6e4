import type { GateView } from '@scarmonit/protocol/admin/rollout';
import { formatNumber } from '../../format/format-number.ts';
import { formatExact } from '../../format/format-time.ts';
import { Status } from '../../parts/status.tsx';
import { describeGate, toneOfVerdict } from './describe-gate.ts';
import { nameGate } from './name-gate.ts';
import type { GatePoint } from './read-gate-points.ts';
import styles from './rollout-page.module.css';

const width = 800;
const height = 96;
const margin = 8;

/** One gate: how its evidence has moved towards the line at which it rolls back, and what it says. */
export function GateLane(props: {
  readonly gate: GateView;
  readonly points: readonly GatePoint[];
  readonly from: number;
  readonly to: number;
}) {
  const { gate, points, from, to } = props;
  const top = Math.max(gate.threshold * 1.15, ...points.map(({ logE }) => logE));
  const bottom = Math.min(0, ...points.map(({ logE }) => Math.max(logE, -gate.threshold / 2)));
  const x = (at: number): number => ((at - from) / Math.max(1, to - from)) * width;
  const y = (logE: number): number =>
    margin + ((top - Math.max(logE, bottom)) / (top - bottom)) * (height - 2 * margin);
  const line = [...points, { at: to, logE: gate.logE }].map(
    ({ at, logE }) => `${x(at).toFixed(1)},${y(logE).toFixed(1)}`,
  );
  return (
    <li className={styles.lane} data-verdict={gate.verdict}>
      <div className={styles.laneWords}>
        <h3>{nameGate(gate)}</h3>
        <Status tone={toneOfVerdict(gate.verdict)}>{gate.verdict}</Status>
        <p>{describeGate(gate)}</p>
      </div>
      <div className={styles.lanePlot}>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          <rect className={styles.danger} x="0" y="0" width={width} height={y(gate.threshold)} />
          <line className={styles.threshold} x1="0" x2={width} y1={y(gate.threshold)} y2={y(gate.threshold)} />
          <line className={styles.zero} x1="0" x2={width} y1={y(0)} y2={y(0)} />
          <polyline className={styles.evidence} points={line.join(' ')} />
        </svg>
        <span className={styles.thresholdLabel} style={{ top: `${(y(gate.threshold) / height) * 100}%` }}>
          rolls back at {formatNumber(gate.threshold)}
        </span>
        {points.map(({ at, logE, receipt }) =>
          receipt === undefined ? null : (
            <a
              key={receipt}
              className={styles.receiptDot}
              href={`#receipt-${receipt}`}
              title={`Receipt ${receipt}, ${formatExact(at)}`}
              style={{ left: `${(x(at) / width) * 100}%`, top: `${(y(logE) / height) * 100}%` }}
            >
              <span className="unseen">
                Receipt {receipt}: evidence {formatNumber(logE)}
              </span>
            </a>
          ),
        )}
      </div>
    </li>
  );
}
