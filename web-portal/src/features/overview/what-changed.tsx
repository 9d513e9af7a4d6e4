import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { historyQuery, rolloutsQuery } from '../../api/queries.ts';
import { formatShare } from '../../format/format-number.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Section } from '../../parts/page.tsx';
import { isEnded } from '../rollouts/describe-phase.ts';
import styles from './overview-page.module.css';

const changesShown = 6;

/** What is on its way, and what was decided lately. */
export function WhatChanged({ model }: { readonly model: string }) {
  const history = useQuery(historyQuery(model));
  const rollouts = useQuery(rolloutsQuery(model));
  const running = rollouts.data?.data.find(({ state }) => !isEnded(state.phase));
  return (
    <Section
      title="What changed"
      aside={
        <Link to="/history" search={{ model }}>
          all
        </Link>
      }
    >
      {running === undefined ? null : (
        <p className={styles.running}>
          <Link to="/rollouts/$id" params={{ id: running.id }}>
            Rollout {running.from} → {running.to}
          </Link>{' '}
          is in {running.state.phase}.
        </p>
      )}
      <Answered query={history} label="The history is loading" rows={3}>
        {({ data }) => (
          <ol className={styles.changes}>
            {data
              .slice(0, changesShown)
              .map(({ revision, stable, candidate, weight, reason, decidedBy, createdAt }) => (
                <li key={revision}>
                  <Ago at={createdAt} />
                  <p>
                    <strong>
                      {stable}
                      {candidate === null ? '' : `, ${formatShare(weight)} ${candidate}`}
                    </strong>{' '}
                    {reason} <span className={styles.by}>{decidedBy}</span>
                  </p>
                </li>
              ))}
          </ol>
        )}
      </Answered>
    </Section>
  );
}
