import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { ServedBy } from '@scarmonit/core/services/agent-services';
import type { AgentContext, AppParts } from '../app-parts.ts';
import { answerEvents } from '../http/answer.ts';
import { EventStream } from '../sse/event-stream.ts';
import type { GenerateEncoder } from '../sse/generate-encoder.ts';
import { type CallTarget, openCall } from './open-call.ts';

/** Holds nothing ahead of the reader: events are made as they are read. */
const noReadAhead = { highWaterMark: 0 };

/**
 * Starts a generation and streams it. What fails before the first event is thrown, and so has a proper status;
 * what fails later is told in the stream.
 */
export async function streamGeneration(
  c: AgentContext,
  parts: AppParts,
  target: CallTarget,
  request: GenerateRequest,
  createEncoder: (servedBy: ServedBy) => GenerateEncoder,
): Promise<Response> {
  const left = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, left.signal]);
  const call = openCall(c, target, true, signal);
  const { servedBy, events } = await parts.services.inference.generate(call, request);
  const reservation = c.get('reservation');
  const stream = new EventStream(events, createEncoder(servedBy), {
    settle: (usedTokens) => reservation.settle(usedTokens),
    estimatedTokens: c.get('estimatedTokens'),
    left,
    report: (error) => parts.reportError(error, call.requestId),
  });
  return answerEvents(c, parts, servedBy, new ReadableStream(stream, noReadAhead));
}
