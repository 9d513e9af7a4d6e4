import type { SelfTestProgress, SelfTestReport } from '@scarmonit/core/services/self-test-report';
import type { SelfTestEvent, SelfTestReportView } from '@scarmonit/protocol/admin/self-test';
import type { ErrorResponse } from '@scarmonit/protocol/openai/error';
import type { AgentContext, AppParts } from '../../app-parts.ts';
import { toPublicError } from '../../errors/to-public-error.ts';
import { type Answer, answerHeaders } from '../../http/answer.ts';

type Steps = AsyncGenerator<SelfTestProgress, SelfTestReport, undefined>;
type Step = IteratorResult<SelfTestProgress, SelfTestReport>;

/**
 * Answers with an event for each word of a self-test, so that whoever waits sees that it goes on and no connection is taken
 * for dead. It goes on as its reader reads, and ends when that has gone; what fails is the last event.
 */
export function answerSteps(c: AgentContext, parts: AppParts, first: Step, steps: Steps): Answer {
  const headers = {
    ...answerHeaders(c, parts),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    // nginx would otherwise hold the events back until its buffer is full.
    'x-accel-buffering': 'no',
  };
  const requestId = c.get('requestId');
  let next: Step | undefined = first;
  let ended = false;
  const read = async (): Promise<string> => {
    try {
      const step = next ?? (await steps.next());
      next = undefined;
      ended = step.done === true;
      return frame(step.done === true ? reportEvent(step.value) : { type: 'progress', ...step.value });
    } catch (error) {
      ended = true;
      const { status, body } = toPublicError(error);
      if (status >= 500) parts.reportError(error, requestId);
      return frame({ error: body });
    }
  };
  const body = {
    read,
    get ended() {
      return ended;
    },
    cancel: async () => {
      // How it ends is of no interest to anybody who is still here.
      if (!ended) await steps.throw(new Error('The client has left.')).catch(() => undefined);
    },
  };
  return { status: 200, headers, body };
}

function reportEvent(report: SelfTestReport): SelfTestEvent {
  return { type: 'report', report: toReportView(report) };
}

export function toReportView(report: SelfTestReport): SelfTestReportView {
  return { ...report, cases: [...report.cases] };
}

function frame(event: SelfTestEvent | ErrorResponse): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
