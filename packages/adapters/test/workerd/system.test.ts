import { createIsolateClock } from '../../src/cloudflare/isolate/isolate-clock.ts';
import { createNodeHash } from '../../src/system/node-hash.ts';
import { createSystemIds } from '../../src/system/system-ids.ts';
import { testClock } from '../contracts/clock.ts';
import { testHash } from '../contracts/hash.ts';
import { testIds } from '../contracts/ids.ts';

testClock('isolate', () => ({ clock: createIsolateClock(), pass: (until) => until }));
testHash('nodejs_compat', createNodeHash());
testIds('nodejs_compat', () => createSystemIds());
