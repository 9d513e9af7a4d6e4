import type { Alert, AlertSilence } from '../alerts/alert.ts';

/** Alerts and silences at rest. Writes are durable when the promise resolves. */
export interface AlertRepository {
  /** Those that are pending or firing, and resolved ones with a message that is not delivered. Oldest first. */
  listActive(projectId: string): Promise<readonly Alert[]>;
  /** Those that were resolved at or after a time, newest first. */
  listResolved(projectId: string, page: { readonly since: number; readonly limit: number }): Promise<readonly Alert[]>;
  /**
   * Writes the next revision of an alert; the first one begins it. A rule has one alert at a time that is not resolved.
   * @returns false when somebody else wrote that revision, or began an alert of the rule; nothing has changed then
   */
  save(projectId: string, alert: Alert): Promise<boolean>;
  /** Forgets an alert, if this is its newest revision. @returns whether it was */
  forget(projectId: string, alert: Pick<Alert, 'id' | 'revision'>): Promise<boolean>;
  /** Forgets what was resolved, and silences that ended, before a time. */
  expire(projectId: string, before: number): Promise<void>;
  /** Those that end after a time, the first to end first. */
  listSilences(projectId: string, endAfter: number): Promise<readonly AlertSilence[]>;
  insertSilence(projectId: string, silence: AlertSilence): Promise<void>;
  /** Ends a silence. @returns false when there is none of that id that ends later */
  endSilence(projectId: string, id: string, now: number): Promise<boolean>;
  /** Notes that the rules were looked at. */
  markEvaluated(projectId: string, at: number): Promise<void>;
  /** When that was last; undefined before the first time. */
  lastEvaluated(projectId: string): Promise<number | undefined>;
}
