import type { ModelView } from '@scarmonit/protocol/admin/model';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { historyQuery, seriesQuery } from '../../api/queries.ts';
import { Answered } from '../../parts/answered.tsx';
import { Choice } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { defaultWindow, nameWindow, type ShownWindow, windowOptions } from '../metrics/shown-window.ts';
import {
  type ChartMeasure,
  defaultMeasure,
  isEmpty,
  measureOptions,
  measures,
  toVersionLines,
} from '../metrics/to-version-lines.ts';
import styles from './model-page.module.css';

const VersionChart = lazy(async () => ({ default: (await import('../metrics/version-chart.tsx')).VersionChart }));

/** A measure of the model's versions over time. */
export function ModelFigures({ model }: { readonly model: ModelView }) {
  const navigate = useNavigate();
  const { measure = defaultMeasure, window = defaultWindow } = useSearch({ from: '/models/$name' });
  const series = useQuery(seriesQuery(model.name, window));
  const marks = useQuery(historyQuery(model.name)).data?.data.map(({ createdAt }) => createdAt) ?? [];
  const show = (chosen: { readonly measure?: ChartMeasure; readonly window?: ShownWindow }): void => {
    const search = { measure, window, ...chosen };
    void navigate({
      to: '/models/$name',
      params: { name: model.name },
      search: {
        ...(search.measure === defaultMeasure ? {} : { measure: search.measure }),
        ...(search.window === defaultWindow ? {} : { window: search.window }),
      },
      replace: true,
      resetScroll: false,
    });
  };
  return (
    <Section
      title="Over time"
      aside={
        <div className={styles.chosen}>
          <Choice
            label="Measure"
            isLabelHidden
            value={measure}
            options={measureOptions}
            onChange={(chosen) => show({ measure: chosen })}
          />
          <Choice
            label="Time"
            isLabelHidden
            value={window}
            options={windowOptions}
            onChange={(chosen) => show({ window: chosen })}
          />
        </div>
      }
    >
      <Answered query={series} label="The chart is loading">
        {(data) =>
          isEmpty(toVersionLines(data, measure, series.dataUpdatedAt)) ? (
            <Notice
              title={`${measures[measure].title}: nothing to tell, ${nameWindow(window)}`}
              text="The versions got no requests that say something of it."
            />
          ) : (
            <Suspense fallback={<div className={styles.chartSpace} />}>
              <VersionChart
                series={data}
                measure={measure}
                goal={model.goals[measures[measure].goal]}
                marks={marks}
                now={series.dataUpdatedAt}
              />
            </Suspense>
          )
        }
      </Answered>
    </Section>
  );
}
