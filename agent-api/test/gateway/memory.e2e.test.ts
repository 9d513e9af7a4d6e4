import { Agent } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { begin, delta, done } from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { afterEach, expect, it } from 'vitest';
import { startPacedUpstream } from '../paced-upstream.ts';
import { testKey } from '../start-test-host.ts';
import { type Inspected, inspectProcess } from './inspect-process.ts';
import { type Gateway, Opened, patience, Reading } from './open-gateway.ts';
import { type Leaving, streamChat } from './stream-client.ts';

const megabyte = 1 << 20;
const nodeArguments = ['--inspect=127.0.0.1:0'];

const opened = new Opened();
afterEach(() => opened.close());

/** mulberry32: from 0 to below 1, the same at each run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Outcomes by request; several of one request are joined. */
function readOutcomes({ dataDir }: Gateway): Map<string, string> {
  const database = new DatabaseSync(join(dataDir, 'scarmonit.db'), { readOnly: true });
  const rows = database
    .prepare("SELECT request_id AS id, group_concat(outcome, '+') AS outcomes FROM predictions GROUP BY request_id")
    .all();
  database.close();
  return new Map(rows.map(({ id, outcomes }) => [String(id), String(outcomes)]));
}

it('5,000 streams, of which half are left at any moment, leave nothing behind and all add up', {
  timeout: 240_000,
}, async () => {
  const [half, chunks, atOnce] = [2_500, 20, 96];
  const random = createRandom(20_261_124);
  const upstream = await startPacedUpstream({ jsonMs: 1, chunks, chunkMs: 2 });
  const gateway = await opened.gateway({ nodeArguments });
  const model = await gateway.serve({ upstreams: [upstream] });
  const process = await inspectProcess(gateway.output());
  const stayed: string[] = [];
  const left: string[] = [];
  const wrong: string[] = [];

  const runOne = async (agent: Agent, id: string): Promise<void> => {
    const options = { url: gateway.url, key: testKey, model, agent };
    if (random() < 0.5) {
      stayed.push(id);
      const how = await streamChat({ ...options, id });
      if (how !== 'whole') wrong.push(`${id}: ${how}`);
      return;
    }
    const moment = Math.floor(random() * (chunks + 4)) - 4;
    // The upstream of these never ends, so that they cannot be late.
    const user = `${moment < 0 ? 'endless-silent' : 'endless'}-${id}`;
    left.push(user);
    const leaving: Leaving = moment === -4 ? 'when sent' : moment < 0 ? upstream.whenAsked(user) : moment + 1;
    const how = await streamChat({ ...options, id: user, leaving });
    if (how !== 'left') wrong.push(`${user}: ${how}`);
  };

  const storm = async (name: string): Promise<void> => {
    const agent = new Agent({ keepAlive: true });
    let begun = 0;
    const work = async (): Promise<void> => {
      while (begun < half) {
        begun += 1;
        await runOne(agent, `${name}-${begun}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    agent.destroy();
  };
  const settled = async (): Promise<Awaited<ReturnType<Inspected['measure']>>> => {
    await expect.poll(() => [upstream.open, upstream.connections], patience).toEqual([0, 0]);
    await expect.poll(() => gateway.inFlight(), patience).toBe(0);
    const expected = new Set([...stayed, ...left.filter((user) => upstream.users.has(user))]);
    const missing = (): number => expected.difference(readOutcomes(gateway)).size;
    await expect.poll(missing, patience).toBe(0);
    // What asks for these figures has a connection, too.
    await expect.poll(async () => (await process.measure()).sockets, patience).toBeLessThanOrEqual(1);
    return process.measure();
  };

  await storm('first');
  const before = await settled();
  await storm('second');
  const after = await settled();
  process.close();

  expect(wrong).toEqual([]);
  expect(stayed.length + left.length).toBe(2 * half);
  expect(left.length).toBeGreaterThan(0.9 * half);
  const outcomes = readOutcomes(gateway);
  expect(stayed.filter((id) => outcomes.get(id) !== 'ok')).toEqual([]);
  // Of those who leave with the request hardly sent some never arrive.
  expect(left.filter((id) => (outcomes.get(id) ?? 'cancelled') !== 'cancelled')).toEqual([]);
  expect(left.filter((id) => upstream.users.has(id) && !outcomes.has(id))).toEqual([]);
  expect(left.filter((id) => !outcomes.has(id)).length).toBeLessThan(0.1 * left.length);
  expect(outcomes.size).toBeLessThanOrEqual(stayed.length + left.length);
  expect(upstream.abandoned).toBe(left.filter((id) => upstream.users.has(id)).length);
  expect(after.heapBytes - before.heapBytes).toBeLessThan(megabyte);
  expect(after.bufferBytes - before.bufferBytes).toBeLessThan(megabyte);
  gateway.signal('SIGTERM');
  expect(await gateway.ended).toBe(0);
  await upstream.close();
});

it('a stream is not read ahead of a client that is slow', async () => {
  const [events, eventBytes] = [1_000, 128 * 1024];
  let sent = 0;
  const upstream = await opened.upstream(async ({ response }) => {
    begin(response);
    const text = delta('x'.repeat(eventBytes));
    for (; sent < events && !response.destroyed; sent += 1) {
      if (!response.write(text)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end(delta('', 'stop') + done);
  });
  const gateway = await opened.gateway({ nodeArguments });
  await gateway.serve({ upstreams: [upstream] });
  const process = await inspectProcess(gateway.output());
  const before = await process.measure();
  const reading = new Reading(await gateway.chat({ stream: true }));
  let most = 0;
  // While it looks, the client does not read, and the upstream writes what it can.
  for (let looks = 0; looks < 20; looks += 1) {
    reading.text = '';
    await reading.next();
    const { heapBytes, bufferBytes } = await process.measure();
    most = Math.max(most, heapBytes + bufferBytes - before.heapBytes - before.bufferBytes);
  }
  expect(most).toBeLessThan(16 * megabyte);
  expect(sent).toBeLessThan(events);
  process.close();
  await reading.leave();
  await expect.poll(() => upstream.open, patience).toBe(0);
});
