import type { ReceiptView } from '@scarmonit/protocol/admin/receipt';
import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { historyQuery, receiptsQuery, rolloutQuery } from '../../api/queries.ts';
import { formatCount, formatShare } from '../../format/format-number.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { useNow } from '../../parts/use-now.ts';
import { ReceiptTable } from '../history/receipt-table.tsx';
import { isEnded, namePhase, toneOfPhase } from './describe-phase.ts';
import { GateLane } from './gate-lane.tsx';
import { readGatePoints } from './read-gate-points.ts';
import { RolloutButtons } from './rollout-buttons.tsx';
import styles from './rollout-page.module.css';
import { Staircase } from './staircase.tsx';
import { toStaircase } from './to-staircase.ts';
import { useSeenPoints } from './use-seen-points.ts';

/** May it go on, and why? */
export function RolloutPage() {
  const { id } = useParams({ from: '/rollouts/$id' });
  const rollout = useQuery(rolloutQuery(id));
  const receipts = useQuery(receiptsQuery({ rolloutId: id, limit: 500 }));
  const found = rollout.data;
  return (
    <Page
      title={found === undefined ? 'Rollout' : `${found.model} ${found.from} → ${found.to}`}
      about={found === undefined ? undefined : <About rollout={found} />}
      actions={found === undefined ? undefined : <RolloutButtons rollout={found} />}
    >
      <Answered query={rollout} label="The rollout is loading" rows={8}>
        {(detail) => <Detail detail={detail} receipts={receipts.data?.data ?? []} seenAt={rollout.dataUpdatedAt} />}
      </Answered>
      <Section title="Receipts" aside="evidence, newest first" isFlush>
        <Answered query={receipts} label="The receipts are loading">
          {({ data }) => <ReceiptTable receipts={data} />}
        </Answered>
      </Section>
    </Page>
  );
}

function About({ rollout }: { readonly rollout: RolloutDetailView }) {
  const { state, strategy, traffic, id, createdAt, createdBy, model } = rollout;
  return (
    <p className={styles.about}>
      <Status tone={toneOfPhase(state.phase, state.paused)}>{namePhase(state)}</Status>
      <span>
        {strategy}
        {traffic.rolloutId === id && traffic.candidate !== null
          ? `, ${formatShare(traffic.weight)} of the requests`
          : ''}
      </span>
      <span>
        <Link to="/models/$name" params={{ name: model }}>
          {model}
        </Link>
        , begun <Ago at={createdAt} /> by {createdBy}
      </span>
    </p>
  );
}

function Detail(props: {
  readonly detail: RolloutDetailView;
  readonly receipts: readonly ReceiptView[];
  readonly seenAt: number;
}) {
  const { detail, receipts, seenAt } = props;
  const now = useNow(2000);
  const history = useQuery(historyQuery(detail.model));
  const seen = useSeenPoints(isEnded(detail.state.phase) ? undefined : detail, seenAt);
  const from = detail.createdAt;
  const to = isEnded(detail.state.phase) ? Math.max(detail.state.createdAt, from + 1) : Math.max(now, from + 1);
  const stairs = toStaircase(history.data?.data ?? [], detail, to);
  return (
    <>
      <p className={styles.verdict} data-tone={toneOfPhase(detail.state.phase, detail.state.paused)}>
        {detail.state.reason}
        <span>
          {detail.state.decidedBy}, <Ago at={detail.state.createdAt} />
        </span>
      </p>
      <Section title="Gates" aside="log of the evidence against the candidate, from the beginning until now" isFlush>
        <ol className={styles.lanes}>
          {detail.gates.map((gate) => {
            const points = [...readGatePoints(receipts, gate.id), ...(seen.get(gate.id) ?? [])]
              .filter(({ at }) => at <= to)
              .sort((one, other) => one.at - other.at);
            return <GateLane key={gate.id} gate={gate} points={points} from={from} to={to} />;
          })}
          {detail.gates.length === 0 ? (
            <li className={styles.none}>The model has no goals, so there is nothing to stop a bad version.</li>
          ) : null}
          <li className={styles.lane}>
            <div className={styles.laneWords}>
              <h3>share of the requests</h3>
              <p>Steps of {detail.plan.steps.map(formatShare).join(', ')}.</p>
            </div>
            <Staircase stairs={stairs} from={from} to={to} />
          </li>
        </ol>
      </Section>
      <div className={styles.columns}>
        <Counts detail={detail} />
        <States detail={detail} />
      </div>
    </>
  );
}

const countColumns = [{ title: 'Seen' }, { title: 'Stable', isNumber: true }, { title: 'Candidate', isNumber: true }];
const eventWords: Readonly<Record<string, string>> = {
  error: 'errors',
  'over-latency': 'slower than the goal',
  'over-first-token': 'first token late',
  'over-cost': 'dearer than the goal',
  unsatisfied: 'unsatisfied',
  'task-not-completed': 'task not done',
};

function Counts({ detail: { counts, crashes, shadowPairs } }: { readonly detail: RolloutDetailView }) {
  const events = [...new Set([...counts.stable.events, ...counts.candidate.events].map(({ event }) => event))];
  const tell = (arm: 'stable' | 'candidate', wanted: string): string => {
    const found = counts[arm].events.find(({ event }) => event === wanted);
    if (found === undefined || found.exposed === 0) return '–';
    return `${formatCount(found.happened)} of ${formatCount(found.exposed)}, ${formatShare(found.happened / found.exposed)}`;
  };
  return (
    <Section title="What was seen" isFlush>
      <Table label="What was seen of each version" columns={countColumns}>
        <tr>
          <td>requests</td>
          <td data-number="">{formatCount(counts.stable.requests)}</td>
          <td data-number="">{formatCount(counts.candidate.requests)}</td>
        </tr>
        {events.map((event) => (
          <tr key={event}>
            <td>{eventWords[event] ?? event}</td>
            <td data-number="">{tell('stable', event)}</td>
            <td data-number="">{tell('candidate', event)}</td>
          </tr>
        ))}
        <tr>
          <td>crashes of its engine</td>
          <td data-number="">–</td>
          <td data-number="">{formatCount(crashes)}</td>
        </tr>
        {shadowPairs.pairs === 0 ? null : (
          <tr>
            <td>shadow answers that agree</td>
            <td data-number="">–</td>
            <td data-number="">
              {formatCount(shadowPairs.agreeing)} of {formatCount(shadowPairs.pairs)}
            </td>
          </tr>
        )}
      </Table>
    </Section>
  );
}

function States({ detail: { states } }: { readonly detail: RolloutDetailView }) {
  return (
    <Section title="How it went">
      <ol className={styles.states}>
        {[...states].reverse().map((state) => (
          <li key={state.revision}>
            <Ago at={state.createdAt} />
            <p>
              <Status tone={toneOfPhase(state.phase, state.paused)}>{namePhase(state)}</Status> {state.reason}{' '}
              <span className={styles.by}>{state.decidedBy}</span>
            </p>
          </li>
        ))}
      </ol>
    </Section>
  );
}
