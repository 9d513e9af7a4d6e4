import type { VersionView } from '@scarmonit/protocol/admin/model';
import type { VersionRecordView } from '@scarmonit/protocol/admin/version';
import type { ReactNode } from 'react';
import { formatBytes, formatUsd } from '../../format/format-number.ts';
import { Ago, Until } from '../../parts/ago.tsx';
import { Digest } from '../../parts/digest.tsx';
import { Section } from '../../parts/page.tsx';
import { Status, type Tone } from '../../parts/status.tsx';
import { toneOfState } from './describe-state.ts';
import styles from './model-page.module.css';
import { VersionButtons } from './version-buttons.tsx';

const toneOfStatus: Readonly<Record<VersionRecordView['status'], Tone>> = {
  testing: 'neutral',
  active: 'good',
  deprecated: 'warn',
};

/** What is known of a version, and how it is now where it is loaded. */
export function VersionCard({
  record,
  live,
  stable,
}: {
  readonly record: VersionRecordView;
  readonly stable: string;
  readonly live: VersionView | undefined;
}) {
  const state = live?.state ?? record.state;
  return (
    <Section
      id={`v${record.version}`}
      title={record.version}
      aside={
        <div className={styles.states}>
          {record.alias === null ? null : <strong>{record.alias}</strong>}
          <Status tone={toneOfStatus[record.status]}>{record.status}</Status>
          {state === null ? (
            <Status tone="neutral">not loaded</Status>
          ) : (
            <Status tone={toneOfState(state)}>{state}</Status>
          )}
          <VersionButtons record={record} stable={stable} />
        </div>
      }
    >
      {live?.reason == null ? null : (
        <p className={styles.reason} data-tone={state === 'restarting' ? 'warn' : 'bad'}>
          {live.reason}
        </p>
      )}
      {record.deprecation === null ? null : (
        <p className={styles.reason} data-tone="warn">
          Deprecated by {record.deprecation.decidedBy} <Ago at={record.deprecation.since} />
          {record.deprecation.reason === '' ? '' : `: ${record.deprecation.reason}`}
          {record.deprecation.sunsetAt === null ? null : (
            <>
              {' '}
              It stops to answer <Until at={record.deprecation.sunsetAt} />.
            </>
          )}
        </p>
      )}
      <dl className={styles.facts}>
        {live === undefined ? null : <Fact name="Runtime">{live.runtime}</Fact>}
        <Fact name="Version digest">
          <Digest value={record.digest} of="digest of the version" />
        </Fact>
        {live?.sha256 == null ? null : (
          <Fact name="Artifact SHA-256">
            <Digest value={live.sha256} of="digest of the artifact" />
          </Fact>
        )}
        <Fact name="Registered">
          <Ago at={record.createdAt} />
        </Fact>
        {live?.stats == null ? null : (
          <>
            {live.stats.residentBytes > 0 ? <Fact name="Memory">{formatBytes(live.stats.residentBytes)}</Fact> : null}
            <Fact name="Running of slots">
              {live.stats.running} of {live.stats.slots}
            </Fact>
            {live.stats.queueLimit === 0 ? null : (
              <Fact name="Waiting of places">
                {live.stats.queued} of {live.stats.queueLimit}
              </Fact>
            )}
            <Fact name="Crashes">{live.stats.crashes}</Fact>
          </>
        )}
        {live === undefined ? null : <Fact name="Price">{describePrices(live.prices)}</Fact>}
      </dl>
      {record.card === null ? null : <Details title="Model card" values={record.card} />}
      {record.declaration === null ? null : <Details title="Declaration" values={record.declaration} />}
    </Section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Details({ title, values }: { readonly title: string; readonly values: Readonly<Record<string, unknown>> }) {
  return (
    <details className={styles.details}>
      <summary>{title}</summary>
      <dl>
        {Object.entries(values).map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{typeof value === 'object' ? <code>{JSON.stringify(value, null, 1)}</code> : String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Prices in words; what is free is left out. */
function describePrices(prices: VersionView['prices']): string {
  const parts = [
    [prices.perRequestUsd, 'a request'],
    [prices.inputPerMillionTokensUsd, 'a million tokens in'],
    [prices.outputPerMillionTokensUsd, 'a million tokens out'],
    [prices.perSecondUsd, 'a second'],
  ] as const;
  const told = parts.filter(([usd]) => usd > 0).map(([usd, what]) => `${formatUsd(usd)} ${what}`);
  return told.length === 0 ? 'free' : told.join(', ');
}
