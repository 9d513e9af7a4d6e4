import type { Delivery } from '../ports/notifier.ts';

/** What a rule watches. `test` is planted, to show that alerts arrive. */
export type AlertKind =
  | 'error-rate'
  | 'latency'
  | 'first-token'
  | 'no-traffic'
  | 'version-not-ready'
  | 'disk'
  | 'key-limit'
  | 'update-schedule'
  | 'review-schedule'
  | 'test';

/** `page`: somebody must act now. `ticket`: somebody must act in the next days. */
export type AlertSeverity = 'page' | 'ticket';

export type AlertState = 'pending' | 'firing' | 'resolved';

/** A number that an alert's sentence is made of. */
export interface AlertFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'share' | 'times' | 'requests' | 'tokens' | 'milliseconds' | 'bytes' | 'days';
}

/** What an alert is about. */
export interface AlertSubject {
  readonly model?: string;
  readonly version?: string;
  readonly keyId?: string;
}

/** Something to watch, and how long it must be true before somebody is told. */
export interface AlertRule extends AlertSubject {
  /** Never of two rules, and the same after a restart: `error-rate/support-chat/page`. */
  readonly id: string;
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  /** A few words for people: `support-chat: error rate`. */
  readonly title: string;
  /** When it fires, in words with its figures. */
  readonly condition: string;
  /** How long it must be true before it fires. */
  readonly holdMs: number;
  /** How long it must be untrue before it is over. */
  readonly clearMs: number;
  /** How often people are reminded while it fires. */
  readonly remindEveryMs: number;
}

/** What a rule says now. */
export interface AlertReading {
  readonly rule: AlertRule;
  readonly isTrue: boolean;
  /** One sentence with the figures. */
  readonly summary: string;
  /** What to do, in a sentence. */
  readonly advice: string;
  readonly figures: readonly AlertFigure[];
  /** For how long it has to be true this time, where that is other than the rule's. */
  readonly holdMs?: number;
}

/** An alert at rest: one episode of a rule, from the moment that it became true. Times are milliseconds since the epoch. */
export interface Alert extends AlertSubject {
  readonly id: string;
  readonly ruleId: string;
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  readonly state: AlertState;
  readonly title: string;
  readonly summary: string;
  readonly advice: string;
  readonly figures: readonly AlertFigure[];
  /** When it became true. */
  readonly since: number;
  readonly firedAt?: number;
  readonly resolvedAt?: number;
  /** When its figures were last looked at. */
  readonly updatedAt: number;
  /** Since when a firing one is untrue. */
  readonly clearSince?: number;
  /** What there is to tell; absent when all was told. */
  readonly message?: AlertMessage;
  /** What became of the last notification. */
  readonly deliveries: readonly Delivery[];
  /** When somebody was last told, or would have been but for a silence. */
  readonly toldAt?: number;
  /** 1, 2, 3, …: each state is written once. */
  readonly revision: number;
}

/** A notification that has to be delivered yet. */
export interface AlertMessage {
  readonly type: AlertMessageType;
  /** Since when it is due. */
  readonly createdAt: number;
  /** Tries so far, and when the next one is due. */
  readonly tries: number;
  readonly nextTryAt: number;
}

export type AlertMessageType = 'alert.firing' | 'alert.reminder' | 'alert.resolved' | 'alert.test';

/** A time in which alerts that match all that is named are shown and not told. */
export interface AlertSilence {
  readonly id: string;
  readonly ruleId?: string;
  readonly model?: string;
  readonly kind?: AlertKind;
  readonly reason: string;
  /** Prefix of a key. */
  readonly createdBy: string;
  readonly createdAt: number;
  readonly until: number;
}
