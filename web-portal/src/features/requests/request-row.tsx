import type { Key } from '@scarmonit/protocol/admin/key';
import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import { Link } from '@tanstack/react-router';
import { formatCount, formatDuration, formatUsd } from '../../format/format-number.ts';
import { formatClock, formatExact } from '../../format/format-time.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Status } from '../../parts/status.tsx';
import { describeOutcome } from './describe-outcome.ts';
import styles from './request-row.module.css';
import { toWaterfall } from './to-waterfall.ts';

/** One request; opened, where its time went. */
export function RequestRow(props: {
  readonly request: PredictionView;
  readonly apiKey: Key | undefined;
  readonly isOpen: boolean;
  readonly columns: number;
  readonly onToggle: () => void;
}) {
  const { request, apiKey, isOpen } = props;
  const { title, tone } = describeOutcome(request.outcome);
  // Requests are recorded in the order in which they end.
  const endedAt = request.createdAt + request.latencyMs;
  return (
    <>
      <tr className={styles.row} data-open={isOpen ? '' : undefined} onClick={props.onToggle}>
        <td>
          <button
            type="button"
            className={styles.toggle}
            aria-expanded={isOpen}
            title={formatExact(endedAt)}
            onClick={(event) => {
              event.stopPropagation();
              props.onToggle();
            }}
          >
            {formatClock(endedAt)}
          </button>
        </td>
        <td>
          <Status tone={tone}>{title}</Status>
        </td>
        <td>
          {request.model} <span className={styles.version}>{request.version}</span>
        </td>
        <td className={styles.route}>{request.route}</td>
        <td data-number="">{formatDuration(request.latencyMs)}</td>
        <td data-number="">{request.firstTokenMs === null ? '–' : formatDuration(request.firstTokenMs)}</td>
        <td data-number="">{formatCount(request.inputTokens)}</td>
        <td data-number="">{formatCount(request.outputTokens)}</td>
        <td>{apiKey?.name ?? request.keyId.slice(0, 8)}</td>
      </tr>
      {isOpen ? (
        <tr className={styles.opened}>
          <td colSpan={props.columns}>
            <Detail request={request} apiKey={apiKey} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Detail({ request, apiKey }: { readonly request: PredictionView; readonly apiKey: Key | undefined }) {
  return (
    <div className={styles.detail}>
      <div>
        <p className={styles.sentence}>
          {describeOutcome(request.outcome).sentence} Status {request.status}.
        </p>
        <Waterfall request={request} />
      </div>
      <dl className={styles.facts}>
        <dt>Request</dt>
        <dd>
          <code>{request.requestId}</code> <CopyButton text={request.requestId} label="Copy the request's id" />
        </dd>
        <dt>Version</dt>
        <dd>
          <Link to="/models/$name" params={{ name: request.model }} hash={`v${request.version}`}>
            {request.model} {request.version}
          </Link>
        </dd>
        <dt>Key</dt>
        <dd>{apiKey === undefined ? request.keyId : `${apiKey.name} (${apiKey.prefix}…)`}</dd>
        <dt>Cost</dt>
        <dd>{formatUsd(request.costUsd)}</dd>
        <dt>Asked</dt>
        <dd>{formatExact(request.createdAt)}</dd>
      </dl>
    </div>
  );
}

function Waterfall({ request }: { readonly request: PredictionView }) {
  const stretches = toWaterfall(request);
  const share = (ms: number): string => `${request.latencyMs === 0 ? 0 : (ms / request.latencyMs) * 100}%`;
  return (
    <ol className={styles.waterfall} aria-label="Where the time went">
      {stretches.map(({ title, fromMs, lengthMs }) => (
        <li key={title}>
          <span className={styles.stretch}>{title}</span>
          <span className={styles.track} aria-hidden="true">
            <span className={styles.bar} style={{ marginLeft: share(fromMs), width: share(lengthMs) }} />
          </span>
          <span className={styles.length}>{formatDuration(lengthMs)}</span>
        </li>
      ))}
    </ol>
  );
}
