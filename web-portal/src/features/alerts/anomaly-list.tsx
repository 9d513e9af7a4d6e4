import type { AnomalyView } from '@scarmonit/protocol/admin/anomaly';
import { useQuery } from '@tanstack/react-query';
import { anomaliesQuery } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import styles from './alerts-page.module.css';

/** What models and keys did that they do not usually do, in words. */
export function AnomalyList() {
  const { data } = useQuery(anomaliesQuery);
  if (data === undefined || data.data.length === 0) return null;
  return (
    <Section title="Unusual" aside="compared with the same hours of other weeks" isFlush>
      <ul>
        {data.data.map((anomaly) => (
          <Anomaly key={anomaly.id} anomaly={anomaly} />
        ))}
      </ul>
    </Section>
  );
}

function Anomaly({ anomaly: { summary, since, until } }: { readonly anomaly: AnomalyView }) {
  return (
    <li className={styles.anomaly}>
      <Status tone={until === null ? 'warn' : 'neutral'}>{until === null ? 'goes on' : 'over'}</Status>
      <p>{summary}</p>
      <span className={styles.since}>
        since <Ago at={since} />
        {until === null ? null : (
          <>
            , over <Ago at={until} />
          </>
        )}
      </span>
    </li>
  );
}
