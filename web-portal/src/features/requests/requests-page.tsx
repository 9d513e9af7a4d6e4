import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { keysQuery, modelsQuery } from '../../api/queries.ts';
import { formatCount } from '../../format/format-number.ts';
import { Answered } from '../../parts/answered.tsx';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { describeOutcome, outcomes } from './describe-outcome.ts';
import { isShown, type RequestFilter } from './filter-requests.ts';
import { RequestRow } from './request-row.tsx';
import styles from './requests-page.module.css';
import { useStillRequests } from './use-still-requests.ts';

const columns = [
  { title: 'When' },
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
  const isScrolled = useIsScrolled();
  const [isOver, setOver] = useState(false);
  const requests = useStillRequests(isScrolled || isOver || filter.open !== undefined);
  const keys = useQuery(keysQuery).data?.data ?? [];
  const set = (change: RequestFilter): void =>
    void navigate({ to: '/requests', search: { ...filter, ...change }, replace: true, resetScroll: false });
  const rows = requests.rows.filter((request) => isShown(request, filter));
  return (
    <Page title="Requests" actions={<Filters filter={filter} onChange={set} />}>
      <Section isFlush>
        <Answered query={requests.newest} label="The requests are loading" rows={10}>
          {({ data }) =>
            data.length === 0 ? (
              <Notice
                title="Nothing has been asked yet"
                text="Each request appears here a second after it ends. The first one may be:"
                command={firstCall(location.origin)}
              />
            ) : (
              <div onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)}>
                {requests.waiting === 0 ? null : (
                  <button type="button" className={styles.fresh} onClick={requests.showNew}>
                    Show {requests.waiting === 100 ? '100 or more' : requests.waiting} new
                  </button>
                )}
                <Table label="Requests, newest first" columns={columns}>
                  {rows.map((request) => (
                    <RequestRow
                      key={request.id}
                      request={request}
                      apiKey={keys.find(({ id }) => id === request.keyId)}
                      isOpen={filter.open === request.id}
                      columns={columns.length}
                      onToggle={() => {
                        const { open, ...rest } = filter;
                        const search = open === request.id ? rest : { ...rest, open: request.id };
                        void navigate({ to: '/requests', search, replace: true, resetScroll: false });
                      }}
                    />
                  ))}
                </Table>
                <p className={styles.end}>
                  {formatCount(rows.length)} of the newest {formatCount(requests.rows.length)} shown
                  {requests.loadOlder === undefined ? null : (
                    <Button disabled={requests.isLoadingOlder} onClick={requests.loadOlder}>
                      Load older
                    </Button>
                  )}
                </p>
              </div>
            )
          }
        </Answered>
      </Section>
    </Page>
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
