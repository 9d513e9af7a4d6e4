import { expect, it } from 'vitest';
import { formatTailEvent } from './format-tail-event.ts';

const at = Date.UTC(2026, 10, 24, 8, 0, 1, 5);

it('shows a request on one line, without its query, and what was logged below it', () => {
  const logged = JSON.stringify({
    level: 'error',
    message: 'request failed',
    requestId: 'req_1',
    error: { message: 'no' },
  });
  expect(
    formatTailEvent({
      outcome: 'ok',
      eventTimestamp: at,
      wallTime: 812,
      cpuTime: 4,
      event: {
        request: { method: 'POST', url: 'https://api.example.com/v1/chat/completions?secret=1' },
        response: { status: 503 },
      },
      logs: [{ level: 'error', message: [logged, { a: 1 }, 'plain'], timestamp: at + 10 }],
      exceptions: [{ name: 'Error', message: 'boom' }],
    }),
  ).toBe(
    '08:00:01.005 503 POST /v1/chat/completions  812 ms (4 ms CPU)\n' +
      '  08:00:01.015 error request failed: no requestId=req_1 {"a":1} plain\n' +
      '  exception Error: boom',
  );
});

it('tells crons, other work, and how a request that never answered ended', () => {
  expect(formatTailEvent({ outcome: 'ok', eventTimestamp: at, event: { cron: '17 * * * *' } })).toBe(
    '08:00:01.005 cron 17 * * * *',
  );
  expect(formatTailEvent({ outcome: 'ok', eventTimestamp: at, event: null })).toBe('08:00:01.005 other work');
  expect(
    formatTailEvent({ outcome: 'canceled', eventTimestamp: at, event: { request: { method: 'GET', url: 'x:/a' } } }),
  ).toBe('08:00:01.005 --- GET /a  canceled');
});
