import type { AlertReading, AlertRule } from './alert.ts';

/** Something that knows rules, and what they say now. */
export interface AlertSource {
  rules(): Promise<readonly AlertRule[]>;
  /**
   * One reading of each rule.
   * @param now milliseconds since the Unix epoch
   * @throws what it reads from throws; the alerts of all rules stay as they are then
   */
  read(now: number): Promise<readonly AlertReading[]>;
}
