import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { keysQuery, modelsQuery } from '../../api/queries.ts';
import { formatCount } from '../../format/format-number.ts';
import { Answered } from '../../parts/answered.tsx';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/field.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { describeOutcome, outcomes } from './describe-outcome.ts';
import { type RequestFilter, type RequestQuery, toExportUrl, toRequestQuery } from './filter-requests.ts';
import { RequestRow } from './request-row.tsx';
import styles from './requests-page.module.css';
import { useStillRequests } from './use-still-requests.ts';

const columns = [
  { title: 'Ended' },
  { title: 'Outcome' },
  { title: 'Model' },
  { title: 'Route' },
  { title: 'Latency', isNumber: true },
  { title: 'First token', isNumber: true },
  { title: 'Tokens in', isNumber: true },
  { title: 'out', isNumber: true },
  { title: 'Key' },
];

const firstCall = (origin: string): string => `curl ${origin}/v1/chat/completions \\
  -H "authorization: Bearer $SCARMONIT_API_KEY" -H "content-type: application/json" \\
  -d '{"model":"MODEL","messages":[{"role":"user","content":"Hello"}]}'`;

/** What was asked, and how it went: live, but never moving under the eyes. */
export function RequestsPage() {
  const filter = useSearch({ from: '/requests' });
  const navigate = useNavigate();
  const query = toRequestQuery(filter);
  const set = (change: RequestFilter): void =>
    void navigate({ to: '/requests', search: { ...filter, ...change }, replace: true, resetScroll: false });
  return (
    <Page title="Requests" actions={<Filters filter={filter} onChange={set} />}>
      <Section isFlush>
        <RequestList key={JSON.stringify(query)} query={query} filter={filter} />
      </Section>
    </Page>
  );
}

function RequestList({ query, filter }: { readonly query: RequestQuery; readonly filter: RequestFilter }) {
  const navigate = useNavigate();
  const isScrolled = useIsScrolled();
  const [isOver, setOver] = useState(false);
  const requests = useStillRequests(query, isScrolled || isOver || filter.open !== undefined);
  const keys = useQuery(keysQuery).data?.data ?? [];
  const isFiltered = Object.values(query).some((value) => value !== undefined);
  const toggle = (id: string): void => {
    const { open, ...rest } = filter;
    const search = open === id ? rest : { ...rest, open: id };
    void navigate({ to: '/requests', search, replace: true, resetScroll: false });
  };
  return (
    <Answered query={requests.newest} label="The requests are loading" rows={10}>
      {({ data, nextBefore }) =>
        data.length === 0 && requests.rows.length === 0 && nextBefore === null ? (
          <Nothing isFiltered={isFiltered} />
        ) : (
          <div onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)}>
            {requests.waiting === 0 ? null : (
              <button type="button" className={styles.fresh} onClick={requests.showNew}>
                Show {requests.waiting === 100 ? '100 or more' : requests.waiting} new
              </button>
            )}
            <Table label="Requests, newest first" columns={columns}>
              {requests.rows.map((request) => (
                <RequestRow
                  key={request.id}
                  request={request}
                  apiKey={keys.find(({ id }) => id === request.keyId)}
                  isOpen={filter.open === request.id}
                  columns={columns.length}
                  onToggle={() => toggle(request.id)}
                />
              ))}
            </Table>
            <p className={styles.end}>
              <span>
                {formatCount(requests.rows.length)} shown; all as{' '}
                <a href={toExportUrl(query, 'csv')} download>
                  CSV
                </a>{' '}
                or{' '}
                <a href={toExportUrl(query, 'ndjson')} download>
                  lines of JSON
                </a>
              </span>
              {requests.loadOlder === undefined ? null : (
                <Button disabled={requests.isLoadingOlder} onClick={requests.loadOlder}>
                  {requests.rows.length === 0 ? 'None among the newest; look further' : 'Load older'}
                </Button>
              )}
            </p>
          </div>
        )
      }
    </Answered>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <Notice title="No request is like that" text="Of those that are kept, none matches all that is chosen above.">
      <Link to="/requests">Show every request</Link>
    </Notice>
  ) : (
    <Notice
      title="Nothing has been asked yet"
      text="Each request appears here a second after it ends. The first one may be:"
      command={firstCall(location.origin)}
    />
  );
}

const any = '';

function Filters({
  filter,
  onChange,
}: {
  readonly filter: RequestFilter;
  readonly onChange: (change: RequestFilter) => void;
}) {
  const models = useQuery(modelsQuery).data?.data ?? [];
  const versions = models.find(({ name }) => name === filter.model)?.versions ?? [];
  const keys = useQuery(keysQuery).data?.data ?? [];
  const set = (change: { readonly [Name in keyof RequestFilter]: string | number | undefined }): void =>
    onChange(change as RequestFilter);
  return (
    <>
      <Choice
        label="Model"
        isLabelHidden
        value={filter.model ?? any}
        options={[{ value: any, title: 'Every model' }, ...models.map(({ name }) => ({ value: name, title: name }))]}
        onChange={(model) => set({ model: model || undefined, version: undefined })}
      />
      {versions.length > 1 ? (
        <Choice
          label="Version"
          isLabelHidden
          value={filter.version ?? any}
          options={[
            { value: any, title: 'Every version' },
            ...versions.map(({ version }) => ({ value: version, title: version })),
          ]}
          onChange={(version) => set({ version: version || undefined })}
        />
      ) : null}
      <Choice
        label="Outcome"
        isLabelHidden
        value={filter.outcome ?? any}
        options={[
          { value: any, title: 'Every outcome' },
          ...outcomes.map((outcome) => ({ value: outcome as string, title: describeOutcome(outcome).title })),
        ]}
        onChange={(outcome) => set({ outcome: outcome || undefined })}
      />
      {keys.length > 1 ? (
        <Choice
          label="Key"
          isLabelHidden
          value={filter.key ?? any}
          options={[{ value: any, title: 'Every key' }, ...keys.map(({ id, name }) => ({ value: id, title: name }))]}
          onChange={(key) => set({ key: key || undefined })}
        />
      ) : null}
      <Choice
        label="Latency"
        isLabelHidden
        value={filter.slowerMs === undefined ? any : String(filter.slowerMs)}
        options={[
          { value: any, title: 'Any latency' },
          { value: '100', title: '100 ms or more' },
          { value: '500', title: '500 ms or more' },
          { value: '1000', title: '1 s or more' },
          { value: '5000', title: '5 s or more' },
        ]}
        onChange={(slowerMs) => set({ slowerMs: slowerMs === '' ? undefined : Number(slowerMs) })}
      />
      {filter.request === undefined ? null : (
        <Button onClick={() => set({ request: undefined })}>
          Request {filter.request} <Icon name="cross" />
        </Button>
      )}
    </>
  );
}

function useIsScrolled(): boolean {
  const [isScrolled, setScrolled] = useState(false);
  useEffect(() => {
    const look = (): void => setScrolled(scrollY > 40);
    look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);
  return isScrolled;
}
