import { afterAll } from 'vitest';
import { killHostProcesses } from '../start-host-process.ts';
import { NodeHost } from './node-host.ts';
import { testKills } from './test-kills.ts';
import { testManyRequests } from './test-many-requests.ts';
import { testStories } from './test-stories.ts';

afterAll(killHostProcesses);

testStories('Node', { staleMs: 0, decidesWithinMs: 6_000 }, (env) => new NodeHost(env));
testKills('Node', () => new NodeHost());
// In CI; `SCARMONIT_TEST_REQUESTS=200000` asks more, for ten minutes or less.
const requests = Number(process.env.SCARMONIT_TEST_REQUESTS ?? 20_000);
testManyRequests('Node', { requests, rollouts: 10 }, () => new NodeHost());
