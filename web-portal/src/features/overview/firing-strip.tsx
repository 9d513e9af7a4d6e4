import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { alertsQuery } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { Status } from '../../parts/status.tsx';
import { toneOfAlert } from '../alerts/describe-alert.ts';
import styles from './overview-page.module.css';

const mostShown = 3;

/** What fires now, before anything else; nothing at all while nothing does. */
export function FiringStrip() {
  const firing = useQuery(alertsQuery).data?.firing ?? [];
  if (firing.length === 0) return null;
  return (
    <ul className={styles.firing} aria-label="Firing now">
      {firing.slice(0, mostShown).map((alert) => (
        <li key={alert.id} data-tone={toneOfAlert(alert)}>
          <Status tone={toneOfAlert(alert)}>{alert.title}</Status>
          <p>{alert.summary}</p>
          <span>
            <Ago at={alert.firedAt ?? alert.since} />, <Link to="/alerts">what to do</Link>
          </span>
        </li>
      ))}
      {firing.length > mostShown ? (
        <li>
          <Link to="/alerts">{firing.length - mostShown} more fire</Link>
        </li>
      ) : null}
    </ul>
  );
}
