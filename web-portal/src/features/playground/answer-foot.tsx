import type { VersionView } from '@scarmonit/protocol/admin/model';
import type { TakenFeedback } from '@scarmonit/protocol/api/feedback';
import { useMutation } from '@tanstack/react-query';
import { ask } from '../../api/ask-server.ts';
import { describeError } from '../../format/describe-error.ts';
import { formatCount, formatDuration, formatNumber, formatUsd } from '../../format/format-number.ts';
import { Button } from '../../parts/button.tsx';
import { Icon } from '../../parts/icon.tsx';
import styles from './bench.module.css';
import { costOf, tokensPerSecond } from './measure-answer.ts';
import type { AnswerSoFar } from './stream-answer.ts';

/** How fast and how dear an answer was, and what is thought of it. */
export function AnswerFoot({
  answer,
  prices,
}: {
  readonly answer: AnswerSoFar;
  readonly prices: VersionView['prices'] | undefined;
}) {
  const speed = tokensPerSecond(answer);
  const cost = prices === undefined ? undefined : costOf(answer, prices);
  const figures = [
    speed === undefined ? undefined : `${formatNumber(speed)} tokens/s`,
    answer.firstTokenMs === undefined ? undefined : `first token ${formatDuration(answer.firstTokenMs)}`,
    answer.totalMs === undefined ? undefined : `whole ${formatDuration(answer.totalMs)}`,
    answer.outputTokens === undefined
      ? undefined
      : `${formatCount(answer.inputTokens ?? 0)} in, ${formatCount(answer.outputTokens)} out`,
    cost === undefined ? undefined : cost === 0 ? 'free' : formatUsd(cost),
  ].filter((figure) => figure !== undefined);
  return (
    <div className={styles.foot}>
      <ul className={styles.figures}>
        {figures.map((figure) => (
          <li key={figure}>{figure}</li>
        ))}
      </ul>
      {answer.isDone && answer.requestId !== undefined ? <Thumbs requestId={answer.requestId} /> : null}
    </div>
  );
}

function Thumbs({ requestId }: { readonly requestId: string }) {
  const give = useMutation({
    mutationFn: (rating: 'up' | 'down') =>
      ask<TakenFeedback>({ method: 'POST', path: '/api/feedback', json: { requestId, rating } }),
  });
  const given = give.isError ? undefined : give.variables;
  return (
    <fieldset className={styles.thumbs}>
      <legend className="unseen">What do you think of this answer?</legend>
      <span role="status" className={give.isError ? styles.error : styles.thanks}>
        {give.isError ? describeError(give.error) : give.isSuccess ? 'kept as feedback' : ''}
      </span>
      <Button kind="quiet" aria-label="Good answer" aria-pressed={given === 'up'} onClick={() => give.mutate('up')}>
        <Icon name="up" />
      </Button>
      <Button kind="quiet" aria-label="Bad answer" aria-pressed={given === 'down'} onClick={() => give.mutate('down')}>
        <Icon name="down" />
      </Button>
    </fieldset>
  );
}
