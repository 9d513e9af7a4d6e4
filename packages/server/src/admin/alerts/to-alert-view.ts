import type { AlertRule, AlertSilence } from '@scarmonit/core/alerts/alert';
import type { Delivery } from '@scarmonit/core/ports/notifier';
import type { AlertReport, ShownAlert } from '@scarmonit/core/services/manage-alerts';
import type { AlertTestReport } from '@scarmonit/core/services/test-alerts';
import type {
  AlertDeliveryView,
  AlertReportView,
  AlertRuleView,
  AlertTestReportView,
  AlertView,
  SilenceView,
} from '@scarmonit/protocol/admin/alert';

export function toReportView(report: AlertReport): AlertReportView {
  return {
    firing: report.firing.map(toAlertView),
    pending: report.pending.map(toAlertView),
    resolved: report.resolved.map(toAlertView),
    silences: report.silences.map(toSilenceView),
    rules: report.rules.map(toRuleView),
    channels: report.channels.map(({ kind, target }) => ({ channel: kind, target })),
    evaluatedAt: report.evaluatedAt ?? null,
  };
}

export function toTestReportView({ alert, passed, deliveries, receipts }: AlertTestReport): AlertTestReportView {
  return {
    alert: toAlertView(alert),
    passed,
    deliveries: deliveries.map((delivery) => ({ ...toDeliveryView(delivery), elapsedMs: delivery.elapsedMs })),
    receipts: [...receipts],
  };
}

export function toSilenceView({ ruleId, model, kind, ...silence }: AlertSilence): SilenceView {
  const { id, reason, createdBy, createdAt, until } = silence;
  return { id, rule: ruleId ?? null, model: model ?? null, kind: kind ?? null, reason, createdBy, createdAt, until };
}

function toAlertView(alert: ShownAlert): AlertView {
  const { id, kind, severity, state, title, summary, advice, since, updatedAt } = alert;
  return {
    id,
    rule: alert.ruleId,
    kind,
    severity,
    state,
    model: alert.model ?? null,
    version: alert.version ?? null,
    keyId: alert.keyId ?? null,
    title,
    summary,
    advice,
    figures: [...alert.figures],
    since,
    firedAt: alert.firedAt ?? null,
    resolvedAt: alert.resolvedAt ?? null,
    updatedAt,
    silencedBy: alert.silencedBy ?? null,
    deliveries: alert.deliveries.map(toDeliveryView),
  };
}

function toDeliveryView({ channel, target, delivered, problem }: Delivery): AlertDeliveryView {
  return { channel, target, delivered, problem: problem ?? null };
}

function toRuleView({ id, kind, severity, model, title, condition }: AlertRule): AlertRuleView {
  return { rule: id, kind, severity, model: model ?? null, title, condition };
}
