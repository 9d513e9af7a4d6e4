import type { ApiKey } from '../keys/api-key.ts';
import { dayMs, hourMs, minuteMs } from '../metrics/windows.ts';
import type { KeyHourRow } from '../ports/metrics-repository.ts';
import type { AlertReading, AlertRule } from './alert.ts';
import { formatCount, formatShare } from './words.ts';

/** From here on the limit is what the key's application runs into. */
const nearlyUsed = 0.9;

/** Whether it can be used and has a limit to come near to. */
export function isLimited({ requestsPerMinute, tokensPerMinute, revokedAt, expiresAt }: ApiKey, now: number): boolean {
  if (revokedAt !== undefined || (expiresAt !== undefined && expiresAt <= now)) return false;
  return requestsPerMinute !== undefined || tokensPerMinute !== undefined;
}

export function keyRuleOf({ id, name, prefix, requestsPerMinute, tokensPerMinute }: ApiKey): AlertRule {
  const limits = [
    ...(requestsPerMinute === undefined ? [] : [`${formatCount(requestsPerMinute)} requests`]),
    ...(tokensPerMinute === undefined ? [] : [`${formatCount(tokensPerMinute)} tokens`]),
  ];
  return {
    id: `key-limit/${id}/ticket`,
    kind: 'key-limit',
    severity: 'ticket',
    keyId: id,
    title: `Key ${prefix}… (${name}): limit`,
    condition: `Over the last hour it used more than ${formatShare(nearlyUsed)} of ${limits.join(' or ')} a minute.`,
    holdMs: 5 * minuteMs,
    clearMs: 10 * minuteMs,
    remindEveryMs: dayMs,
  };
}

/**
 * How much of its allowance a key used in the last hour: this hour so far and the part of the hour before that is within
 * the last 60 minutes, taken as evenly spread.
 * @param hours of this key
 */
export function readKey(
  key: ApiKey,
  hours: readonly Pick<KeyHourRow, 'startedAt' | 'requests' | 'tokens'>[],
  now: number,
): AlertReading {
  const thisHour = Math.floor(now / hourMs) * hourMs;
  const weightOf = (startedAt: number): number => {
    if (startedAt === thisHour) return 1;
    return startedAt === thisHour - hourMs ? 1 - (now - thisHour) / hourMs : 0;
  };
  const used = (of: 'requests' | 'tokens'): number =>
    hours.reduce((sum, hour) => sum + weightOf(hour.startedAt) * hour[of], 0);
  const shares = [
    { of: 'requests' as const, perMinute: key.requestsPerMinute },
    { of: 'tokens' as const, perMinute: key.tokensPerMinute },
  ].flatMap(({ of, perMinute }) =>
    perMinute === undefined ? [] : [{ of, perMinute, used: used(of), share: used(of) / (60 * perMinute) }],
  );
  const fullest = shares.reduce((most, one) => (one.share > most.share ? one : most));
  return {
    rule: keyRuleOf(key),
    isTrue: fullest.share >= nearlyUsed,
    summary:
      `It used ${formatCount(fullest.used)} ${fullest.of} in the last hour, ${formatShare(fullest.share)} of the ` +
      `${formatCount(60 * fullest.perMinute)} that its limit allows.`,
    advice:
      'Requests beyond the limit are refused with 429. Ask whose key it is whether that is wanted; else make a key with a ' +
      'higher limit, or revoke it.',
    figures: [
      { name: 'used', value: fullest.used, unit: fullest.of },
      { name: 'of limit', value: fullest.share, unit: 'share' },
    ],
  };
}
