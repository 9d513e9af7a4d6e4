import type { AlertView } from '@scarmonit/protocol/admin/alert';
import { Link } from '@tanstack/react-router';
import { Ago } from '../../parts/ago.tsx';
import { Status } from '../../parts/status.tsx';
import styles from './alerts-page.module.css';
import { describeDeliveries, nameSeverity, toneOfAlert } from './describe-alert.ts';
import { SilenceButton } from './silence-button.tsx';

/** One alert: what is wrong, what to do, and who was told. */
export function AlertCard({ alert, hasChannels }: { readonly alert: AlertView; readonly hasChannels: boolean }) {
  const tone = toneOfAlert(alert);
  return (
    <li className={styles.alert} data-tone={tone}>
      <div className={styles.alertHead}>
        <h3>{alert.title}</h3>
        <Status tone={tone}>{`${alert.state}, ${nameSeverity(alert.severity)}`}</Status>
        <span className={styles.since}>
          since <Ago at={alert.since} />
        </span>
      </div>
      <p>{alert.summary}</p>
      <p className={styles.advice}>{alert.advice}</p>
      <p className={styles.told}>{describeDeliveries(alert, hasChannels)}</p>
      <div className={styles.alertActions}>
        {alert.silencedBy === null ? <SilenceButton alert={alert} /> : null}
        {alert.model === null ? null : (
          <>
            <Link to="/" search={{ model: alert.model }}>
              Its figures
            </Link>
            <Link to="/requests" search={{ model: alert.model }}>
              Its requests
            </Link>
          </>
        )}
        {alert.keyId === null ? null : (
          <Link to="/requests" search={{ key: alert.keyId }}>
            The key's requests
          </Link>
        )}
      </div>
    </li>
  );
}
