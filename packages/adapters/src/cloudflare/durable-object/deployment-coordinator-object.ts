import { DurableObject } from 'cloudflare:workers';
import type { Notification } from '@scarmonit/core/ports/notifier';

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
/** How soon after a round of an open rollout the next one begins. */
const roundEveryMs = 1_000;
/** After rounds that failed one after another the next one waits, twice as long each time, up to this. */
const longestBackOffMs = 15_000;

/**
 * One model's deployment, wherever its requests are answered; there is one such object for each model. It folds the live
 * figures of all isolates: a parcel is counted once, however often it arrives, because its number stands beside the sums,
 * in the same transaction. And it leads the model's rollouts, round after round by its alarm, which outlives isolates.
 */
export class DeploymentCoordinatorObject<Env = unknown> extends DurableObject<Env> {
  /** Rounds in a row that have failed; an object that is started anew tries at once. */
  #failures = 0;

  constructor(state: DurableObjectState, env: Env) {
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
    await this.#wakeWithin(dayMs);
  }

  /** Leads the rollouts of its model until none is open. Harmless when it does so already. */
  async lead(model: string): Promise<void> {
    this.ctx.storage.kv.put(ledModel, model);
    await this.#wakeWithin(0);
  }

  /** Delivers a notification of its model, for the host to fill in; without one it is dropped. */
  async deliver(_notification: Notification): Promise<void> {}

  /**
   * One round of the model's rollouts, for the host to fill in.
   * @returns whether another one is called for. Whatever it throws, the next round tries again
   */
  protected async runRound(_model: string): Promise<boolean> {
    return false;
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

  override async alarm(): Promise<void> {
    const isBusy = await this.#leadOnce();
    this.#forgetIsolates();
    if (isBusy) await this.#wakeWithin(Math.min(roundEveryMs * 2 ** this.#failures, longestBackOffMs));
    else if (this.#countIsolates() > 0) await this.#wakeWithin(dayMs);
  }

  async #leadOnce(): Promise<boolean> {
    const { storage } = this.ctx;
    const model = storage.kv.get<string>(ledModel);
    if (model === undefined) return false;
    try {
      const isBusy = await this.runRound(model);
      this.#failures = 0;
      if (isBusy) return true;
    } catch {
      // The alarm would be tried again by the platform, too, but six times at most.
      this.#failures += 1;
      return true;
    }
    // Whoever asked to be led while the round ran has set the alarm anew.
    if ((await storage.getAlarm()) === null) storage.kv.delete(ledModel);
    return false;
  }

  /** Isolates that were not heard of for a day are gone, and so are their parcels. */
  #forgetIsolates(): void {
    this.ctx.storage.sql.exec('delete from isolates where seen_at < ?', Date.now() - dayMs);
  }

  #countIsolates(): number {
    return this.ctx.storage.sql.exec<{ isolates: number }>('select count(*) as isolates from isolates').one().isolates;
  }

  /** An alarm that is due sooner stays. */
  async #wakeWithin(ms: number): Promise<void> {
    const { storage } = this.ctx;
    const [now, due] = [Date.now(), await storage.getAlarm()];
    if (due === null || due > now + ms) await storage.setAlarm(now + ms);
  }
}

/** Where the name of the model stands while it is led. */
const ledModel = 'led-model';

type TrafficRow = {
  version: string;
  outcome: string;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  latency_ms_sum: number;
  cost_usd: number;
};
