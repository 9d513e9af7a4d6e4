import { DurableObject } from 'cloudflare:workers';
import { takeFromWindow } from '@scarmonit/core/limits/take-from-window';
import { createUsageWindow, type Slot, type UsageWindow, WINDOW_MS } from '@scarmonit/core/limits/usage-window';
import type { Allowance, RateLimits } from '@scarmonit/core/ports/rate-limiter';

/** What a {@link RateLimiterObject} answers; plain data, since it goes over RPC. */
export interface TakenRemotely {
  /** Names the use, for settling; absent when it was refused. */
  readonly slotId?: number;
  readonly requests?: Allowance;
  readonly tokens?: Allowance;
  readonly retryAfterMs: number;
}

/** Idle storage is emptied by then, whatever was left in the window. */
const cleanUpAfterMs = 2 * WINDOW_MS;

/**
 * The allowance of one key. There is one such object in the world for each key and it handles one call at a time, so
 * its count is exact however many isolates ask at once. Each change is in its storage before it is answered: an object
 * that is moved or restarted knows what was used.
 */
export class RateLimiterObject extends DurableObject<unknown> {
  /** Wall time; only tests put another in its place. */
  now: () => number = Date.now;
  readonly #window: UsageWindow;
  readonly #slots = new Map<number, Slot>();
  #latest = 0;
  #willCleanUp = false;

  constructor(state: DurableObjectState, env: unknown) {
    super(state, env);
    this.#createTable();
    const rows = this.ctx.storage.sql.exec<SlotRow>('select * from slots order by first_at').toArray();
    for (const row of rows) this.#slots.set(row.first_at, toSlot(row));
    this.#window = createUsageWindow([...this.#slots.values()]);
  }

  /** Takes one request and its tokens, or nothing at all. */
  async take(limits: RateLimits, tokens: number): Promise<TakenRemotely> {
    const now = this.#moveTo(this.now());
    const { slot, ...figures } = takeFromWindow(this.#window, limits, tokens, now);
    if (slot === undefined) return figures;
    this.#slots.set(slot.firstAt, slot);
    this.#save(slot);
    if (!this.#willCleanUp) await this.#scheduleCleanUp();
    return { slotId: slot.firstAt, ...figures };
  }

  /** Adds to the tokens of a use; without effect once its minute has passed. */
  async correct(slotId: number, tokens: number): Promise<void> {
    this.#moveTo(this.now());
    const slot = this.#slots.get(slotId);
    if (slot === undefined) return;
    this.#window.correct(slot, tokens);
    this.#save(slot);
  }

  override async alarm(): Promise<void> {
    this.#willCleanUp = false;
    this.#moveTo(this.now());
    if (this.#slots.size > 0) return this.#scheduleCleanUp();
    await this.ctx.storage.deleteAll();
    this.#createTable();
  }

  /** Forgets what has left the window. The clock of another machine may be behind: time never goes back here. */
  #moveTo(now: number): number {
    this.#latest = Math.max(this.#latest, now);
    this.#window.moveTo(this.#latest);
    let dropped = 0;
    for (const [id, slot] of this.#slots) {
      if (!slot.gone) break;
      this.#slots.delete(id);
      dropped = id;
    }
    if (dropped > 0) this.ctx.storage.sql.exec('delete from slots where first_at <= ?', dropped);
    return this.#latest;
  }

  #createTable(): void {
    this.ctx.storage.sql.exec(
      'create table if not exists slots (first_at real primary key, last_at real, requests integer, tokens real) strict',
    );
  }

  #save({ firstAt, lastAt, requests, tokens }: Slot): void {
    this.ctx.storage.sql.exec('insert or replace into slots values (?, ?, ?, ?)', firstAt, lastAt, requests, tokens);
  }

  async #scheduleCleanUp(): Promise<void> {
    this.#willCleanUp = true;
    await this.ctx.storage.setAlarm(Date.now() + cleanUpAfterMs);
  }
}

type SlotRow = { first_at: number; last_at: number; requests: number; tokens: number };

function toSlot({ first_at: firstAt, last_at: lastAt, requests, tokens }: SlotRow): Slot {
  return { firstAt, lastAt, requests, tokens, gone: false };
}
