import type { Alert, AlertSilence } from './alert.ts';

/** The silence that an alert falls under at a time, if there is one. */
export function findSilence(
  { ruleId, model, kind }: Pick<Alert, 'ruleId' | 'model' | 'kind'>,
  silences: readonly AlertSilence[],
  now: number,
): AlertSilence | undefined {
  return silences.find(
    (silence) =>
      silence.createdAt <= now &&
      now < silence.until &&
      (silence.ruleId === undefined || silence.ruleId === ruleId) &&
      (silence.model === undefined || silence.model === model) &&
      (silence.kind === undefined || silence.kind === kind),
  );
}
