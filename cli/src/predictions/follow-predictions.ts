import type { PredictionClient, PredictionQuery } from '@scarmonit/client/create-prediction-client';
import type { PredictionFilterQuery, PredictionView } from '@scarmonit/protocol/admin/prediction';

/** Of one page. */
const rowsAtOnce = 1_000;
/** Of the rows that are there at the begin; those that come between them later are new. */
const rowsAtFirst = 100;
/** Other processes write a second after a request ended, and their clocks may differ a little. */
const lateMs = 5_000;

/**
 * Reads recorded requests as they come, each once, in the order in which they ended. A look costs the server one step in an
 * index while nothing is new. What fails, the next look makes good: nothing is passed over.
 */
export class PredictionFollower {
  readonly #client: Pick<PredictionClient, 'listPredictions'>;
  readonly #filter: PredictionFilterQuery;
  readonly #now: () => number;
  /** Rows that were given, by id, with when that was; those below the anchor are forgotten. */
  readonly #given = new Map<string, number>();
  #anchor: string | undefined;

  /** @param now milliseconds, of which only differences mean something */
  constructor(client: Pick<PredictionClient, 'listPredictions'>, filter: PredictionFilterQuery, now: () => number) {
    this.#client = client;
    this.#filter = filter;
    this.#now = now;
  }

  /** What is there already. @param rows how many of the newest, at the most; oldest first */
  async begin(rows: number, signal: AbortSignal): Promise<readonly PredictionView[]> {
    const query: PredictionQuery = { ...this.#filter, limit: Math.max(rowsAtFirst, rows) };
    const { data } = await this.#client.listPredictions(query, { signal });
    this.#anchor = data.at(-1)?.id;
    this.#note(data);
    return data.slice(0, rows).reverse();
  }

  /** What has come since the last look; oldest first. */
  async next(signal: AbortSignal): Promise<readonly PredictionView[]> {
    const fresh: PredictionView[] = [];
    const since = this.#anchor === undefined ? {} : { after: this.#anchor };
    for (let before: string | undefined, isLast = false; !isLast; isLast = before === undefined) {
      const query = { ...this.#filter, ...since, limit: rowsAtOnce, ...(before === undefined ? {} : { before }) };
      const page = await this.#client.listPredictions(query, { signal });
      fresh.push(...page.data.filter(({ id }) => !this.#given.has(id)));
      before = page.nextBefore ?? undefined;
    }
    this.#note(fresh);
    this.#moveAnchor();
    return fresh.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  #note(rows: readonly PredictionView[]): void {
    const now = this.#now();
    for (const { id } of rows) this.#given.set(id, now);
  }

  /** To the newest row below which nothing can come any more. */
  #moveAnchor(): void {
    const settledBefore = this.#now() - lateMs;
    let anchor = this.#anchor;
    for (const [id, givenAt] of this.#given) {
      if (givenAt <= settledBefore && (anchor === undefined || id > anchor)) anchor = id;
    }
    if (anchor === undefined || anchor === this.#anchor) return;
    this.#anchor = anchor;
    for (const id of this.#given.keys()) if (id <= anchor) this.#given.delete(id);
  }
}
