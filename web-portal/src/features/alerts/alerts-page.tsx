import type { AlertReportView, AlertTestReportView, AlertView } from '@scarmonit/protocol/admin/alert';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { alertsQuery } from '../../api/queries.ts';
import { formatDuration } from '../../format/format-number.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { AlertCard } from './alert-card.tsx';
import styles from './alerts-page.module.css';
import { AnomalyList } from './anomaly-list.tsx';
import { nameChannel, nameSeverity, toneOfAlert } from './describe-alert.ts';
import { SilenceList } from './silence-list.tsx';
import { TestButton, TestReport } from './test-button.tsx';

/** What is wrong, what to do about it, and who was told. */
export function AlertsPage() {
  const alerts = useQuery(alertsQuery);
  const [tested, setTested] = useState<AlertTestReportView>();
  const evaluatedAt = alerts.data?.evaluatedAt ?? null;
  return (
    <Page
      title="Alerts"
      about={
        evaluatedAt === null ? undefined : (
          <p>
            {alerts.data?.rules.length} rules, looked at <Ago at={evaluatedAt} />
          </p>
        )
      }
      actions={<TestButton onTested={setTested} />}
    >
      <TestReport report={tested} />
      <Answered query={alerts} label="The alerts are loading">
        {(report) => (
          <>
            <Current title="Firing" alerts={report.firing} report={report} none="Nothing fires." />
            {report.pending.length === 0 ? null : (
              <Current title="Pending" alerts={report.pending} report={report} none="" />
            )}
            <AnomalyList />
            <SilenceList silences={report.silences} />
            <Resolved alerts={report.resolved} />
            <Rules report={report} />
          </>
        )}
      </Answered>
    </Page>
  );
}

function Current(props: {
  readonly title: string;
  readonly alerts: readonly AlertView[];
  readonly report: AlertReportView;
  /** What is said when there are none. */
  readonly none: string;
}) {
  const { title, alerts, report } = props;
  return (
    <Section title={title} aside={alerts.length === 0 ? undefined : String(alerts.length)} isFlush>
      {alerts.length === 0 ? (
        <p className={styles.none}>
          <Status tone="good">{props.none}</Status>
        </p>
      ) : (
        <ul>
          {alerts.map((alert) => (
            <AlertCard key={alert.id} alert={alert} hasChannels={report.channels.length > 0} />
          ))}
        </ul>
      )}
    </Section>
  );
}

const resolvedColumns = [
  { title: 'Alert' },
  { title: 'State' },
  { title: 'Over' },
  { title: 'Lasted', isNumber: true },
  { title: 'What it was' },
];

function Resolved({ alerts }: { readonly alerts: readonly AlertView[] }) {
  if (alerts.length === 0) return null;
  return (
    <Section title="Resolved" aside="last 7 days" isFlush>
      <Table label="Resolved alerts" columns={resolvedColumns}>
        {alerts.map((alert) => {
          const over = alert.resolvedAt ?? alert.updatedAt;
          return (
            <tr key={alert.id}>
              <td>
                <strong>{alert.title}</strong>
              </td>
              <td>
                <Status tone={toneOfAlert(alert)}>resolved</Status>
              </td>
              <td>
                <Ago at={over} />
              </td>
              <td data-number="">{formatDuration(over - alert.since)}</td>
              <td className={styles.words}>{alert.summary}</td>
            </tr>
          );
        })}
      </Table>
    </Section>
  );
}

const ruleColumns = [{ title: 'What' }, { title: 'Fires when' }, { title: 'Demands' }];

function Rules({ report: { rules, channels } }: { readonly report: AlertReportView }) {
  return (
    <Section
      title="What is watched"
      aside={channels.length === 0 ? 'told to nobody' : `told by ${channels.map(nameChannel).join(', ')}`}
      isFlush
    >
      {channels.length === 0 ? (
        <p className={styles.none}>
          Alerts are shown here alone. Start the server with <code>SCARMONIT_SLACK_URL</code>,{' '}
          <code>SCARMONIT_SMTP_URL</code> or <code>SCARMONIT_WEBHOOK_URL</code>, and people are told.
        </p>
      ) : null}
      <Table label="Rules" columns={ruleColumns}>
        {rules.map(({ rule, title, condition, severity }) => (
          <tr key={rule}>
            <td className={styles.name}>{title}</td>
            <td className={styles.words}>{condition}</td>
            <td>{nameSeverity(severity)}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
