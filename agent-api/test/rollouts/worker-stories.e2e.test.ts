import { testKills } from './test-kills.ts';
import { testManyRequests } from './test-many-requests.ts';
import { testStories } from './test-stories.ts';
import { WorkersHost } from './workers-host.ts';

// What engines do that crash, and 200,000 requests in ten minutes, are Node's alone: Workers have no engines, and Wrangler
// and its stand-ins for D1 and Durable Objects take most of a request's time here.

testStories('Workers', { staleMs: 5_000, decidesWithinMs: 8_000 }, (env) => new WorkersHost(env));
testKills('Workers', () => new WorkersHost());
testManyRequests('Workers', { requests: 4_000, rollouts: 4 }, () => new WorkersHost());
