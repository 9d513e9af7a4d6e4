import {
  type AlertReportView,
  type AlertTestReportView,
  alertReportSchema,
  alertTestReportSchema,
  type NewSilence,
  type SilenceView,
  silenceSchema,
} from '@scarmonit/protocol/admin/alert';
import type { CallOptions, HttpTransport } from './http-transport.ts';

/** What fires, and what is kept quiet. */
export interface AlertClient {
  listAlerts(options?: CallOptions): Promise<AlertReportView>;
  silenceAlerts(silence: NewSilence, options?: CallOptions): Promise<SilenceView>;
  /** @returns what is the case afterwards */
  endSilence(id: string, options?: CallOptions): Promise<AlertReportView>;
  /** Plants an alert and sends it through every channel of the server. */
  testAlerts(options?: CallOptions): Promise<AlertTestReportView>;
}

export function createAlertClient(http: HttpTransport): AlertClient {
  const alerts = '/api/admin/alerts';
  const silences = `${alerts}/silences`;
  return {
    listAlerts: (options) => http.read({ method: 'GET', path: alerts, ...options }, alertReportSchema),
    silenceAlerts: (json, options) => http.read({ method: 'POST', path: silences, json, ...options }, silenceSchema),
    endSilence: (id, options) =>
      http.read({ method: 'DELETE', path: `${silences}/${encodeURIComponent(id)}`, ...options }, alertReportSchema),
    testAlerts: (options) =>
      http.read({ method: 'POST', path: `${alerts}/test`, json: {}, ...options }, alertTestReportSchema),
  };
}
