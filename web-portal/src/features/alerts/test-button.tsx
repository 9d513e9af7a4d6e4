import type { AlertTestReportView } from '@scarmonit/protocol/admin/alert';
import { useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask-server.ts';
import { formatDuration } from '../../format/format-number.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import styles from './alerts-page.module.css';
import { nameChannel } from './describe-alert.ts';

/** Sends a planted alert through every channel. */
export function TestButton({ onTested }: { readonly onTested: (report: AlertTestReportView) => void }) {
  const client = useQueryClient();
  const test = async (): Promise<void> => {
    onTested(await ask<AlertTestReportView>({ method: 'POST', path: '/api/admin/alerts/test' }));
    void client.invalidateQueries();
  };
  return (
    <Confirm
      button="Test the channels"
      title="Send a test alert?"
      text="A planted alert goes through every channel, marked as a test, and leaves a receipt of whether it arrived."
      confirm="Send it"
      onConfirm={test}
    />
  );
}

/** What became of a test. */
export function TestReport({ report }: { readonly report: AlertTestReportView | undefined }) {
  return (
    <div aria-live="polite">
      {report === undefined ? null : (
        <Section title="The test">
          <ul className={styles.deliveries}>
            {report.deliveries.length === 0 ? (
              <li>
                <Status tone="warn">nobody was told</Status> No channel is configured.
              </li>
            ) : null}
            {report.deliveries.map(({ delivered, problem, elapsedMs, ...channel }) => (
              <li key={nameChannel(channel)}>
                <Status tone={delivered ? 'good' : 'bad'}>{delivered ? 'delivered' : 'not delivered'}</Status>{' '}
                {nameChannel(channel)}, after {formatDuration(elapsedMs)}
                {problem === null ? '' : `: ${problem}`}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}
