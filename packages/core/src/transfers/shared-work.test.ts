import { describe, expect, it } from 'vitest';
import { SharedWork } from './shared-work.ts';

const patient = { signal: new AbortController().signal };

describe('shared work', () => {
  it('is done once for all who want it at the same time, and anew after that', async () => {
    const work = new SharedWork<number>();
    let starts = 0;
    const start = async () => ++starts;
    expect(await Promise.all([work.run('a', patient, start), work.run('a', patient, start)])).toEqual([1, 1]);
    expect(await work.run('a', patient, start)).toBe(2);
  });

  it('keeps keys apart', async () => {
    const work = new SharedWork<string>();
    const both = [work.run('a', patient, async () => 'A'), work.run('b', patient, async () => 'B')];
    expect([...work.keys()]).toEqual(['a', 'b']);
    expect(await Promise.all(both)).toEqual(['A', 'B']);
    expect([...work.keys()]).toEqual([]);
  });

  it('tells all of its failure and of its progress', async () => {
    const work = new SharedWork<never, string>();
    const heard: string[] = [];
    const waiter = (name: string) => ({
      ...patient,
      onProgress: (progress: string) => heard.push(`${name} ${progress}`),
    });
    const start = async (_signal: AbortSignal, report: (progress: string) => void): Promise<never> => {
      await Promise.resolve();
      report('half');
      throw new Error('broken');
    };
    const both = await Promise.allSettled([work.run('a', waiter('one'), start), work.run('a', waiter('two'), start)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(heard).toEqual(['one half', 'two half']);
  });

  it('goes on until the last has left, who waits until it has tidied up', async () => {
    const work = new SharedWork<void>();
    const tidied = Promise.withResolvers<void>();
    const events: string[] = [];
    const start = async (signal: AbortSignal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      events.push('aborted');
      await tidied.promise;
      events.push('tidy');
      throw new Error('stopped in the middle');
    };
    const [first, last] = [new AbortController(), new AbortController()];
    const leaving = work.run('a', { signal: first.signal }, start);
    const staying = work.run('a', { signal: last.signal }, start);
    first.abort();
    await expect(leaving).rejects.toMatchObject({ kind: 'cancelled' });
    expect(events).toEqual([]);
    last.abort();
    const next = work.run('a', patient, async () => void events.push('again'));
    tidied.resolve();
    await expect(staying).rejects.toMatchObject({ kind: 'cancelled' });
    await next;
    expect(events).toEqual(['aborted', 'tidy', 'again']);
  });

  it('does not start for one who has left already', async () => {
    const work = new SharedWork<void>();
    const run = work.run('a', { signal: AbortSignal.abort() }, () => Promise.reject(new Error('started')));
    await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
