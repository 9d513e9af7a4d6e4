import { toWireJson } from './to-wire-json.ts';

/**
 * One server-sent event with a JSON payload.
 * Source: WHATWG HTML, "Server-sent events", https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function frameData(value: unknown): string {
  return `data: ${toWireJson(value)}\n\n`;
}

/** The same with an event name, as `/v1/responses` has it. */
export function frameNamed(name: string, value: unknown): string {
  return `event: ${name}\ndata: ${toWireJson(value)}\n\n`;
}

/** What ends the streams of chat and text completions. */
export const doneFrame = 'data: [DONE]\n\n';
