import { useLiveState } from '../api/follow-changes.ts';
import { formatRelative } from '../format/format-time.ts';
import { useNow } from '../parts/use-now.ts';
import styles from './live-dot.module.css';

const words = { connecting: 'connecting', live: 'live', lost: 'no connection' };

/** Whether what stands on the page is what is, and how long ago something last changed. */
export function LiveDot() {
  const { status, changedAt } = useLiveState();
  const now = useNow(1000);
  return (
    <p className={styles.live} data-status={status} role="status" aria-live="off">
      <span className={styles.dot} aria-hidden="true" />
      <span>{words[status]}</span>
      {changedAt === undefined ? null : <span className={styles.ago}>{formatRelative(changedAt, now)}</span>}
    </p>
  );
}
