import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createTailReader } from './read-tail.ts';

/**
 * Recorded from workerd, by a worker that tails ours, and laid out as Wrangler prints it: requests, a cron, a call and an
 * alarm of an object, and an exception that nobody caught.
 */
const recorded = readFileSync(new URL('./fixtures/wrangler-tail.txt', import.meta.url), 'utf8');

const show = (text: string): string => {
  const read = createTailReader();
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => read(line))
    .join('');
};

it('shows what happened as it is read by people, and nothing of keys, queries and stacks', () => {
  expect(show(recorded)).toMatchInlineSnapshot(`
    "11:52:29.758 200 GET /v1/models
      11:52:29.857 info a request was answered requestId=req_01a20d667ba07668b30f566cd2b929b3 method=GET route=/v1/models status=200 keyId=01a20d667b9e71db8851484779a1b092 elapsedMs=1
    11:52:29.902 502 POST /v1/chat/completions
      11:52:29.915 error request failed: The upstream cannot be reached: Network connection lost requestId=req_01a20d667bce729e821ed3f823cdf55d
      11:52:29.915 info a request was answered requestId=req_01a20d667bce729e821ed3f823cdf55d method=POST route=/v1/chat/completions status=502 keyId=01a20d667b9e71db8851484779a1b092 elapsedMs=13
    11:52:30.054 cron 17 * * * *
    11:53:04.602 call DeploymentCoordinator.lead
    11:53:04.607 alarm DeploymentCoordinator
      11:53:04.607 warn a round failed: D1 is away model=support-chat
    11:53:04.628 --- GET /boom  exception
      exception RangeError: nobody caught this
    "
  `);
});

it('shows what is no event as it is, and goes on with the next', () => {
  const shown = show(`Unable to connect\n{"half": \n}{\n${recorded}`);
  expect(shown).toMatch(/^Unable to connect\n{"half": \n}{\n\d\d:\d\d:\d\d\.\d{3} 200 GET \/v1\/models\n/);
});
