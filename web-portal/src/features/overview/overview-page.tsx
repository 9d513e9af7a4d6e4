import type { ModelView } from '@scarmonit/protocol/admin/model';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { historyQuery, modelsQuery, requestsQuery, rolloutsQuery } from '../../api/queries.ts';
import { formatShare } from '../../format/format-number.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Choice } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { useNow } from '../../parts/use-now.ts';
import { toneOfState } from '../models/describe-state.ts';
import { chooseWindow } from './choose-window.ts';
import { FigureCard } from './figure-card.tsx';
import { listFigures } from './list-figures.ts';
import styles from './overview-page.module.css';
import { windowRequests } from './window-requests.ts';

const LatencyChart = lazy(async () => ({ default: (await import('./latency-chart.tsx')).LatencyChart }));

const changesShown = 6;

/** Is it good right now? */
export function OverviewPage() {
  const models = useQuery(modelsQuery);
  const navigate = useNavigate();
  const { model: wanted } = useSearch({ from: '/' });
  const all = models.data?.data ?? [];
  const found = all.find(({ name }) => name === wanted) ?? all[0];
  return (
    <Page
      title="Overview"
      {...(found === undefined ? {} : { heading: <Heading model={found} /> })}
      actions={
        all.length < 2 || found === undefined ? null : (
          <Choice
            label="Model"
            isLabelHidden
            value={found.name}
            options={all.map(({ name }) => ({ value: name, title: name }))}
            onChange={(model) => void navigate({ to: '/', search: { model }, replace: true })}
          />
        )
      }
    >
      <Answered query={models} label="The models are loading">
        {() =>
          found === undefined ? (
            <Section>
              <Notice
                title="No model is served yet"
                text="Declare one in scarmonit.yaml, or add one from the command line:"
                command="npx scarmonit models add hf:OWNER/REPO/FILE.gguf"
              />
            </Section>
          ) : (
            <ModelOverview key={found.name} model={found} />
          )
        }
      </Answered>
    </Page>
  );
}

function Heading({ model }: { readonly model: ModelView }) {
  const serving = model.versions.find(({ version }) => version === model.stable);
  return (
    <span className={styles.heading}>
      <Link to="/models/$name" params={{ name: model.name }}>
        {model.name}
      </Link>
      <span className={styles.serving}>
        {model.stable} stable
        {serving === undefined ? null : <Status tone={toneOfState(serving.state)}>{serving.state}</Status>}
      </span>
    </span>
  );
}

function ModelOverview({ model }: { readonly model: ModelView }) {
  const now = useNow(5000);
  const requests = useQuery(requestsQuery(1000));
  const history = useQuery(historyQuery(model.name));
  return (
    <Answered query={requests} label="The figures are loading" rows={8}>
      {({ data, nextBefore }) => {
        const own = data.filter((request) => request.model === model.name);
        const shown = chooseWindow(data.at(-1)?.createdAt, now, nextBefore === null);
        const window = windowRequests(own, { now, lengthMs: shown.lengthMs, buckets: 30 });
        const figures = listFigures({ model, window, title: shown.title, traffic: history.data?.data[0], now });
        return (
          <>
            <dl className={styles.figures}>
              {figures.map((figure) => (
                <FigureCard key={figure.title} figure={figure} />
              ))}
            </dl>
            <div className={styles.columns}>
              <Section title="Latency" aside={`${shown.title}, by version`}>
                {window.total.requests === 0 ? (
                  <Notice
                    title="No requests in the last hour"
                    text="Ask something in the playground, or from a shell:"
                    command={`npx scarmonit infer --task ${model.task} --model ${model.name} "Hello"`}
                  />
                ) : (
                  <Suspense fallback={<div className={styles.chartSpace} />}>
                    <LatencyChart
                      requests={own}
                      from={window.from}
                      to={window.to}
                      goalMs={model.goals['maxLatencyMs']}
                      marks={history.data?.data ?? []}
                    />
                  </Suspense>
                )}
              </Section>
              <Changes model={model} />
            </div>
          </>
        );
      }}
    </Answered>
  );
}

function Changes({ model }: { readonly model: ModelView }) {
  const history = useQuery(historyQuery(model.name));
  const rollouts = useQuery(rolloutsQuery(model.name));
  const running = rollouts.data?.data.find(({ state }) => !['active', 'rolled-back', 'aborted'].includes(state.phase));
  return (
    <Section
      title="What changed"
      aside={
        <Link to="/history" search={{ model: model.name }}>
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
