import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What the host would find after weeks, written into its store as it writes it. */
export interface Findings {
  /** An anomaly that goes on. */
  plantAnomaly(): void;
  /** The end of it. */
  endAnomaly(): void;
  /** Labels of which some are as they were, and some are not. */
  plantDrift(): void;
}

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;

export function openFindings(dataDir: string): Findings {
  const write = (statement: string, ...values: (string | number)[]): void => {
    using store = new DatabaseSync(join(dataDir, 'scarmonit.db'), { timeout: 5_000 });
    store.prepare(statement).run(...values);
  };
  const reference = { good: 4_000, bad: 2_000 };
  const plant = (feature: string, state: object): void =>
    write(
      "insert into drift_features values ('default', 'support-chat', '1.2.0', ?, ?, ?)",
      feature,
      JSON.stringify({ reference, weekdays: [], referenceDays: 14, tolerated: 0.018, ...state }),
      Math.floor(Date.now() / dayMs) * dayMs - dayMs,
    );
  return {
    plantAnomaly: () =>
      write(
        "insert into anomalies values ('default', 'an_1', 'key', 'key-1', 'sk-ab12', 'requests', 'above', 1230, 30, 0, ?, null)",
        Date.now() - 7 * minuteMs,
      ),
    endAnomaly: () => write("update anomalies set ended_at = ? where id = 'an_1'", Date.now()),
    plantDrift: () => {
      const evidence = { observations: 3, won: [0.2, 0.1, 0.1] };
      plant('input-tokens', { phase: 'watching', evidence, lately: reference, divergence: 0, psi: 0.004 });
      plant('label', {
        phase: 'drifted',
        evidence: { observations: 6, won: [900, 1_400, 2_000] },
        lately: { good: 200, bad: 800 },
        divergence: 0.16,
        psi: 0.93,
        driftedAt: Date.now() - dayMs,
      });
    },
  };
}
