import type { ModelOverviewView, OverviewView, RefusalsView } from '@scarmonit/protocol/admin/overview';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue } from 'react';
import { historyQuery, modelQuery, overviewQuery, seriesQuery } from '../../api/queries.ts';
import { formatShare } from '../../format/format-number.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Choice } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { useNow } from '../../parts/use-now.ts';
import { WhenNear } from '../../parts/when-near.tsx';
import { defaultWindow, nameWindow, type ShownWindow, windowOptions } from '../metrics/shown-window.ts';
import { toneOfState } from '../models/describe-state.ts';
import { FigureCard } from './figure-card.tsx';
import { FiringStrip } from './firing-strip.tsx';
import { listFigures, listFurtherFigures } from './list-figures.ts';
import { ModelTabs } from './model-tabs.tsx';
import { nameRefusals } from './name-refusals.ts';
import styles from './overview-page.module.css';
import { VersionTable } from './version-table.tsx';
import { WhatChanged } from './what-changed.tsx';

const VersionChart = lazy(async () => ({ default: (await import('../metrics/version-chart.tsx')).VersionChart }));

/** Is it good right now? */
export function OverviewPage() {
  const navigate = useNavigate();
  const { model: wanted, window = defaultWindow } = useSearch({ from: '/' });
  const overview = useQuery(overviewQuery(window));
  const models = overview.data?.models ?? [];
  const found = models.find(({ model }) => model === wanted) ?? models[0];
  return (
    <Page
      title="Overview"
      {...(found === undefined ? {} : { heading: <Heading overview={found} /> })}
      actions={
        <>
          {overview.data === undefined ? null : (
            <span className={styles.updated}>
              read <Ago at={overview.dataUpdatedAt} />
            </span>
          )}
          <Choice
            label="Time"
            isLabelHidden
            value={window}
            options={windowOptions}
            onChange={(chosen) =>
              void navigate({
                to: '/',
                search: ({ model }) => ({
                  ...(model === undefined ? {} : { model }),
                  ...(chosen === defaultWindow ? {} : { window: chosen }),
                }),
                replace: true,
              })
            }
          />
        </>
      }
    >
      <FiringStrip />
      <Answered query={overview} label="The figures are loading" rows={10}>
        {(data) =>
          found === undefined ? (
            <Section>
              <Notice
                title="No model is served yet"
                text="Declare one in scarmonit.yaml, or add one from the command line:"
                command="npx scarmonit models add hf:OWNER/REPO/FILE.gguf"
              />
            </Section>
          ) : (
            <>
              {data.models.length < 2 ? null : <ModelTabs models={data.models} shown={found.model} />}
              <ModelOverview
                key={found.model}
                overview={found}
                lastStepAt={lastStepOf(data)}
                readAt={overview.dataUpdatedAt}
                window={window}
              />
              <Refusals refused={data.refused} window={window} />
            </>
          )
        }
      </Answered>
    </Page>
  );
}

/** Of all models together, since what is refused reaches none; it is in no figure above. */
function Refusals({ refused, window }: { readonly refused: RefusalsView | null; readonly window: ShownWindow }) {
  const told = nameRefusals(refused);
  if (told === undefined) return null;
  return (
    <p className={styles.refused}>
      {told} <span className={styles.by}>{nameWindow(window)}</span>
    </p>
  );
}

/** When the newest step of the series began. */
function lastStepOf({ from, to, stepMs }: OverviewView): number {
  return from + (Math.ceil((to - from) / stepMs) - 1) * stepMs;
}

function Heading({ overview }: { readonly overview: ModelOverviewView }) {
  const { model, stable, candidate, weight } = overview;
  const serving = useQuery(modelQuery(model)).data?.versions.find(({ version }) => version === stable);
  return (
    <span className={styles.heading}>
      <Link to="/models/$name" params={{ name: model }}>
        {model}
      </Link>
      <span className={styles.serving}>
        <span>{stable} stable</span>
        {candidate === null ? null : (
          <span>
            {candidate} candidate, {formatShare(weight)}
          </span>
        )}
        {serving === undefined ? null : <Status tone={toneOfState(serving.state)}>{serving.state}</Status>}
      </span>
    </span>
  );
}

function ModelOverview(props: {
  readonly overview: ModelOverviewView;
  readonly lastStepAt: number;
  readonly readAt: number;
  readonly window: ShownWindow;
}) {
  const { overview, window, lastStepAt, readAt } = props;
  const now = useNow(5000);
  const parts = { overview, window: nameWindow(window), lastStepAt, readAt, now };
  const further = listFurtherFigures(parts);
  // The figures stand before the rest is drawn, which then gives way to whatever the reader does.
  const isRestDue = useDeferredValue(true, false);
  return (
    <>
      <dl className={styles.figures}>
        {listFigures(parts).map((figure) => (
          <FigureCard key={figure.title} figure={figure} />
        ))}
      </dl>
      {further.length === 0 ? null : (
        <dl className={styles.further}>
          {further.map(({ series: _, ...figure }) => (
            <FigureCard key={figure.title} figure={figure} />
          ))}
        </dl>
      )}
      {isRestDue ? (
        <div className={styles.columns}>
          <div className={styles.column}>
            <Latency overview={overview} window={window} />
            <VersionTable overview={overview} window={nameWindow(window)} />
          </div>
          <WhatChanged model={overview.model} />
        </div>
      ) : null}
    </>
  );
}

function Latency({ overview, window }: { readonly overview: ModelOverviewView; readonly window: ShownWindow }) {
  const { model, task, versions } = overview;
  return (
    <Section title="Latency" aside={`${nameWindow(window)}, by version`}>
      {versions.length === 0 ? (
        <Notice
          title="No requests in this time"
          text="Ask something in the playground, or from a shell:"
          command={`npx scarmonit infer --task ${task} --model ${model} "Hello"`}
        />
      ) : (
        <WhenNear className={styles.chartSpace}>
          <LatencyChart overview={overview} window={window} />
        </WhenNear>
      )}
    </Section>
  );
}

function LatencyChart({ overview, window }: { readonly overview: ModelOverviewView; readonly window: ShownWindow }) {
  const { model, figures } = overview;
  const series = useQuery(seriesQuery(model, window));
  const marks = useQuery(historyQuery(model)).data?.data.map(({ createdAt }) => createdAt) ?? [];
  return (
    <Suspense fallback={<div className={styles.chartSpace} />}>
      <Answered query={series} label="The chart is loading">
        {(data) => (
          <VersionChart
            series={data}
            measure="latency"
            goal={figures.latencyP95Ms.goal?.target}
            marks={marks}
            now={series.dataUpdatedAt}
          />
        )}
      </Answered>
    </Suspense>
  );
}
