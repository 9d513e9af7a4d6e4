import type { ReceiptReportView } from '@scarmonit/protocol/admin/receipt';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { read } from '../../api/ask-server.ts';
import { historyQuery, modelsQuery, receiptsQuery } from '../../api/queries.ts';
import { describeError } from '../../format/describe-error.ts';
import { formatCount, formatShare } from '../../format/format-number.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import styles from './history-page.module.css';
import { ReceiptTable } from './receipt-table.tsx';

const columns = [
  { title: 'When' },
  { title: 'Served by' },
  { title: 'Decided by' },
  { title: 'Why' },
  { title: 'Rollout', isHidden: true },
];

/** What served when, who decided it, and why; and whether the evidence is whole. */
export function HistoryPage() {
  const navigate = useNavigate();
  const models = useQuery(modelsQuery);
  const { model: wanted } = useSearch({ from: '/history' });
  const model = wanted ?? models.data?.data[0]?.name;
  return (
    <Page
      title="History"
      actions={
        model === undefined ? null : (
          <Choice
            label="Model"
            isLabelHidden
            value={model}
            options={(models.data?.data ?? []).map(({ name }) => ({ value: name, title: name }))}
            onChange={(chosen) => void navigate({ to: '/history', search: { model: chosen } })}
          />
        )
      }
    >
      {model === undefined ? null : <Served model={model} />}
      <Receipts />
    </Page>
  );
}

function Served({ model }: { readonly model: string }) {
  const history = useQuery(historyQuery(model));
  return (
    <Section title="What served" aside={model} isFlush>
      <Answered query={history} label="The history is loading">
        {({ data }) =>
          data.length === 0 ? (
            <Notice title="Nothing has been decided yet" text="The first row appears when the model is first served." />
          ) : (
            <Table label="What served, newest first" columns={columns}>
              {data.map(({ revision, createdAt, stable, candidate, weight, decidedBy, reason, rolloutId }) => (
                <tr key={revision}>
                  <td>
                    <Ago at={createdAt} />
                  </td>
                  <td>
                    <strong>{stable}</strong>
                    {candidate === null ? '' : `, ${formatShare(weight)} ${candidate}`}
                  </td>
                  <td>{decidedBy}</td>
                  <td className={styles.why}>{reason}</td>
                  <td>
                    {rolloutId === null ? null : (
                      <Link to="/rollouts/$id" params={{ id: rolloutId }}>
                        rollout
                      </Link>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Answered>
    </Section>
  );
}

function Receipts() {
  const receipts = useQuery(receiptsQuery({ limit: 100 }));
  const verify = useMutation({
    mutationFn: () => read<ReceiptReportView>('/api/admin/receipts/verify', { recompute: 'true' }),
  });
  return (
    <Section
      title="Receipts"
      aside={
        <Button disabled={verify.isPending} onClick={() => verify.mutate()}>
          {verify.isPending ? 'Verifying…' : 'Verify the chain'}
        </Button>
      }
      isFlush
    >
      <div aria-live="polite">
        {verify.isError ? <p className={styles.report}>{describeError(verify.error)}</p> : null}
        {verify.data === undefined ? null : <Report report={verify.data} />}
      </div>
      <Answered query={receipts} label="The receipts are loading">
        {({ data }) =>
          data.length === 0 ? (
            <Notice
              title="No receipts yet"
              text="Each validation, load test and step of a rollout leaves one; they are chained by their hashes, so that none can be changed or taken out unseen."
            />
          ) : (
            <ReceiptTable receipts={data} />
          )
        }
      </Answered>
    </Section>
  );
}

function Report({ report }: { readonly report: ReceiptReportView }) {
  if (report.problems.length === 0) {
    return (
      <p className={styles.report}>
        <Status tone="good">whole</Status> {formatCount(report.receipts)} receipts and {formatCount(report.heads)}{' '}
        signed heads fit together; {formatCount(report.recomputed)} verdicts were calculated again.
      </p>
    );
  }
  return (
    <div className={styles.report}>
      <Status tone="bad">broken</Status>
      <ul>
        {report.problems.map(({ sequence, message }) => (
          <li key={`${sequence} ${message}`}>
            Receipt {sequence}: {message}
          </li>
        ))}
      </ul>
    </div>
  );
}
