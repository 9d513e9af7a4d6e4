import { DurableObject } from 'cloudflare:workers';

/** What the requests of one version came to, of one outcome. */
export interface TrafficDelta {
  readonly version: string;
  readonly outcome: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly latencyMsSum: number;
  readonly costUsd: number;
}

/** A numbered parcel of deltas from one isolate. Sent again with the same number when it may not have arrived. */
export interface TrafficParcel {
  readonly isolateId: string;
  /** 1, 2, 3, …: the next one is sent when the one before was taken. */
  readonly sequence: number;
  readonly deltas: readonly TrafficDelta[];
}

const dayMs = 86_400_000;

/**
 * The live figures of one model's deployment, folded from all isolates. There is one such object for each model. A parcel
 * is counted once, however often it arrives: its number stands beside the sums, in the same transaction.
 */
export class DeploymentCoordinatorObject extends DurableObject<unknown> {
  constructor(state: DurableObjectState, env: unknown) {
    super(state, env);
    this.ctx.storage.sql.exec(
      `create table if not exists traffic (version text, outcome text, requests integer, input_tokens integer,
         output_tokens integer, latency_ms_sum real, cost_usd real, primary key (version, outcome)) strict;
       create table if not exists isolates (id text primary key, sequence integer, seen_at integer) strict`,
    );
  }

  /** Adds a parcel, if it was not added before. */
  async fold({ isolateId, sequence, deltas }: TrafficParcel): Promise<void> {
    const { sql } = this.ctx.storage;
    const [known] = sql.exec<{ sequence: number }>('select sequence from isolates where id = ?', isolateId).toArray();
    if (known !== undefined && sequence <= known.sequence) return;
    // Without an await in between, all of it is one transaction.
    sql.exec('insert or replace into isolates values (?, ?, ?)', isolateId, sequence, Date.now());
    for (const { version, outcome, requests, inputTokens, outputTokens, latencyMsSum, costUsd } of deltas) {
      sql.exec(
        `insert into traffic values (?, ?, ?, ?, ?, ?, ?) on conflict do update set
           requests = requests + excluded.requests, input_tokens = input_tokens + excluded.input_tokens,
           output_tokens = output_tokens + excluded.output_tokens,
           latency_ms_sum = latency_ms_sum + excluded.latency_ms_sum, cost_usd = cost_usd + excluded.cost_usd`,
        version,
        outcome,
        requests,
        inputTokens,
        outputTokens,
        latencyMsSum,
        costUsd,
      );
    }
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + dayMs);
  }

  /** The sums since the deployment began. */
  async read(): Promise<readonly TrafficDelta[]> {
    return this.ctx.storage.sql
      .exec<TrafficRow>('select * from traffic order by version, outcome')
      .toArray()
      .map((row) => ({
        version: row.version,
        outcome: row.outcome,
        requests: row.requests,
        inputTokens: row.input_tokens,
        outputTokens: row.output_tokens,
        latencyMsSum: row.latency_ms_sum,
        costUsd: row.cost_usd,
      }));
  }

  /** Isolates that were not heard of for a day are gone, and so are their parcels. */
  override async alarm(): Promise<void> {
    const { sql } = this.ctx.storage;
    sql.exec('delete from isolates where seen_at < ?', Date.now() - dayMs);
    const [{ isolates } = { isolates: 0 }] = sql
      .exec<{ isolates: number }>('select count(*) as isolates from isolates')
      .toArray();
    if (isolates > 0) await this.ctx.storage.setAlarm(Date.now() + dayMs);
  }
}

type TrafficRow = {
  version: string;
  outcome: string;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  latency_ms_sum: number;
  cost_usd: number;
};
