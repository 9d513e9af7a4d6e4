import type { RecipeRegistry } from '@scarmonit/core/ports/artifact-recipe';
import type { ArtifactSource } from '@scarmonit/core/ports/artifact-source';
import type { ArtifactStore, PullProgress } from '@scarmonit/core/ports/artifact-store';
import type { ArtifactPart, ArtifactSpec } from '@scarmonit/core/registry/version-spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScriptedSource, type ScriptedFile } from '../artifacts/scripted-source.ts';
import { makeBytes, sha256Of } from '../artifacts/test-bytes.ts';

export interface StoreFixture {
  /** Opens the same place each time, with pauses of 0 ms between tries. */
  open(sources: readonly ArtifactSource[], recipes: RecipeRegistry): ArtifactStore;
  /** Reads a finished artifact. */
  read(path: string): Promise<Uint8Array>;
  /** Changes a byte of a finished artifact. */
  damage(sha256: string): Promise<void>;
  /** Names of everything that is kept but finished artifacts. */
  listLeftovers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const first = makeBytes(50_000, 1);
const second = makeBytes(30_500, 2);
const joined = Uint8Array.from([...first, ...second]);

function part(name: string, bytes: Uint8Array, sources = [`mem:${name}`]): ArtifactPart {
  return { name, sources, sha256: sha256Of(bytes), bytes: bytes.byteLength };
}

const spec: ArtifactSpec = {
  sha256: sha256Of(joined),
  from: [part('first', first), part('second', second)],
  recipe: 'join',
};
const single: ArtifactSpec = { sha256: sha256Of(first), from: [part('first', first)], recipe: 'join' };

/** What every artifact store must do. */
export function testArtifactStore(name: string, setUp: () => Promise<StoreFixture>): void {
  describe(`artifact store: ${name}`, () => {
    let fixture: StoreFixture;
    beforeEach(async () => {
      fixture = await setUp();
    });
    afterEach(() => fixture.close());

    const recipes: RecipeRegistry = {
      async *join(parts) {
        for (const { path } of parts) yield await fixture.read(path);
      },
    };
    const openWith = (files: Readonly<Record<string, ScriptedFile>>) => {
      const source = createScriptedSource(files);
      return { source, store: fixture.open([source], recipes) };
    };
    const options = { signal: new AbortController().signal };

    it('finds nothing at first', async () => {
      const { store } = openWith({});
      expect(await store.find(spec.sha256)).toBeUndefined();
      await expect(store.verify(spec.sha256)).rejects.toMatchObject({ kind: 'not_found' });
    });

    it('joins the parts by the recipe and keeps nothing else', async () => {
      const { store } = openWith({ first: { bytes: first }, second: { bytes: second } });
      const progress: PullProgress[] = [];
      const path = await store.pull(spec, { ...options, onProgress: (report) => progress.push(report) });
      expect(Buffer.compare(await fixture.read(path), joined)).toBe(0);
      expect(await store.find(spec.sha256)).toBe(path);
      expect(await store.verify(spec.sha256)).toBe(path);
      expect(await fixture.listLeftovers()).toEqual([]);
      expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(['fetch', 'assemble', 'done']);
      expect(progress.findLast(({ phase }) => phase === 'fetch')).toMatchObject({
        source: 'mem:second',
        receivedBytes: second.byteLength,
        totalBytes: second.byteLength,
      });
    });

    it('takes a single part that is the artifact as it is', async () => {
      const { store } = openWith({ first: { bytes: first } });
      const path = await store.pull(single, options);
      expect(Buffer.compare(await fixture.read(path), first)).toBe(0);
      expect(await fixture.listLeftovers()).toEqual([]);
    });

    it('fetches nothing for an artifact that is here', async () => {
      const { store, source } = openWith({ first: { bytes: first }, second: { bytes: second } });
      const path = await store.pull(spec, options);
      expect(await store.pull(spec, options)).toBe(path);
      expect(source.opened).toHaveLength(2);
    });

    it('goes on where an interrupted download stopped', async () => {
      const { store, source } = openWith({ first: { bytes: first, cuts: [20_000, 40_000] } });
      await store.pull(single, options);
      expect(source.opened.map(({ offset }) => offset)).toEqual([0, 20_000, 40_000]);
    });

    it('starts again with a source that cannot resume', async () => {
      const { store, source } = openWith({ first: { bytes: first, cuts: [20_000], restarts: true } });
      const path = await store.pull(single, options);
      expect(source.opened).toHaveLength(2);
      expect(Buffer.compare(await fixture.read(path), first)).toBe(0);
    });

    it('gives up on a source that never gets further, and resumes at the next pull', async () => {
      const cuts = Array.from({ length: 50 }, () => 20_000);
      const failing = openWith({ first: { bytes: first, cuts } });
      await expect(failing.store.pull(single, options)).rejects.toMatchObject({
        kind: 'engine_failure',
        message: expect.stringMatching(/cut/),
      });
      expect(failing.source.opened.length).toBeLessThan(10);
      expect(await failing.store.find(single.sha256)).toBeUndefined();

      const next = openWith({ first: { bytes: first } });
      await next.store.pull(single, options);
      expect(next.source.opened).toMatchObject([{ offset: 20_000 }]);
      expect(await fixture.listLeftovers()).toEqual([]);
    });

    it('refuses a wrong digest, naming both and the source, and keeps nothing of it', async () => {
      const { store } = openWith({ first: { bytes: second } });
      const pulling = store.pull(single, options);
      await expect(pulling).rejects.toMatchObject({ kind: 'engine_failure', code: 'digest_mismatch' });
      for (const named of ['mem:first', sha256Of(second), sha256Of(first)]) {
        await expect(pulling).rejects.toMatchObject({ message: expect.stringContaining(named) });
      }
      expect(await fixture.listLeftovers()).toEqual([]);
    });

    it('refuses a wrong result of the recipe, naming both digests', async () => {
      const { store } = openWith({ first: { bytes: first }, second: { bytes: second } });
      const wanted = 'f'.repeat(64);
      const pulling = store.pull({ ...spec, sha256: wanted }, options);
      await expect(pulling).rejects.toMatchObject({
        code: 'digest_mismatch',
        message: expect.stringContaining(wanted),
      });
      await expect(pulling).rejects.toMatchObject({ message: expect.stringContaining(spec.sha256) });
      expect(await store.find(wanted)).toBeUndefined();
    });

    it('tries the mirrors in order', async () => {
      const { store, source } = openWith({ wrong: { bytes: second }, good: { bytes: first } });
      const sources = ['mem:gone', 'mem:wrong', 'mem:good', 'mem:unused'];
      await store.pull({ ...single, from: [part('first', first, sources)] }, options);
      expect(source.opened.map(({ reference }) => reference)).toEqual(['mem:gone', 'mem:wrong', 'mem:good']);
    });

    it('continues on a mirror what another began', async () => {
      const cuts = Array.from({ length: 50 }, () => 20_000);
      const { store, source } = openWith({ slow: { bytes: first, cuts }, good: { bytes: first } });
      await store.pull({ ...single, from: [part('first', first, ['mem:slow', 'mem:good'])] }, options);
      expect(source.opened.at(-1)).toMatchObject({ reference: 'mem:good', offset: 20_000 });
    });

    it('starts again when the bytes that it continued were others', async () => {
      const cuts = Array.from({ length: 50 }, () => 20_000);
      const { store, source } = openWith({ other: { bytes: makeBytes(50_000, 3), cuts }, good: { bytes: first } });
      await store.pull({ ...single, from: [part('first', first, ['mem:other', 'mem:good'])] }, options);
      expect(source.opened.slice(-2)).toMatchObject([{ offset: 20_000 }, { reference: 'mem:good', offset: 0 }]);
    });

    it('names every mirror when none works', async () => {
      const { store } = openWith({});
      const pulling = store.pull({ ...single, from: [part('first', first, ['mem:one', 'mem:two'])] }, options);
      await expect(pulling).rejects.toMatchObject({
        kind: 'not_found',
        message: expect.stringMatching(/mem:one.*mem:two/),
      });
    });

    it('works once for all who want the same at once', async () => {
      const { store, source } = openWith({ first: { bytes: first }, second: { bytes: second } });
      const paths = await Promise.all([1, 2, 3].map(() => store.pull(spec, options)));
      expect(new Set(paths).size).toBe(1);
      expect(source.opened).toHaveLength(2);
    });

    it('shares parts between artifacts that are pulled at once', async () => {
      const gate = Promise.withResolvers<void>();
      const { store, source } = openWith({ first: { bytes: first, gate: gate.promise }, second: { bytes: second } });
      const pulls = Promise.all([store.pull(spec, options), store.pull(single, options)]);
      gate.resolve();
      await pulls;
      expect(source.opened.filter(({ reference }) => reference === 'mem:first')).toHaveLength(1);
      expect(await fixture.listLeftovers()).toEqual([]);
    });

    it('goes on for the others when one of them leaves', async () => {
      const gate = Promise.withResolvers<void>();
      const { store, source } = openWith({ first: { bytes: first, gate: gate.promise } });
      const leaving = new AbortController();
      const left = store.pull(single, { signal: leaving.signal, onProgress: () => leaving.abort() });
      const staying = store.pull(single, options);
      await expect(left).rejects.toMatchObject({ kind: 'cancelled' });
      gate.resolve();
      await staying;
      expect(source.opened).toHaveLength(1);
    });

    it('stops when all have left, and a later pull goes on from there', async () => {
      const leaving = new AbortController();
      const gated = openWith({ first: { bytes: first, gate: new Promise(() => {}) } });
      const pulling = gated.store.pull(single, {
        signal: leaving.signal,
        onProgress: ({ receivedBytes }) => receivedBytes === 49_000 && leaving.abort(),
      });
      await expect(pulling).rejects.toMatchObject({ kind: 'cancelled' });
      expect(gated.source.opened[0]?.signal.aborted).toBe(true);

      const next = openWith({ first: { bytes: first } });
      await next.store.pull(single, options);
      expect(next.source.opened).toMatchObject([{ offset: 49_000 }]);
    });

    it('does nothing when it is cancelled beforehand', async () => {
      const { store, source } = openWith({ first: { bytes: first } });
      await expect(store.pull(single, { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'cancelled' });
      expect(source.opened).toEqual([]);
    });

    it('refuses an unknown recipe before it fetches anything, and lists the known ones', async () => {
      const { store, source } = openWith({ first: { bytes: first } });
      await expect(store.pull({ ...spec, recipe: 'toString' }, options)).rejects.toMatchObject({
        kind: 'invalid_request',
        message: expect.stringContaining('known recipes: join'),
      });
      expect(source.opened).toEqual([]);
    });

    it('refuses an unknown kind of source and lists the known ones', async () => {
      const { store } = openWith({});
      await expect(
        store.pull({ ...single, from: [part('first', first, ['ftp://host/first'])] }, options),
      ).rejects.toMatchObject({ kind: 'invalid_request', message: expect.stringContaining('known: mem:') });
    });

    it('refuses a damaged artifact, naming both digests, and brings in a good one', async () => {
      const { store } = openWith({ first: { bytes: first } });
      await store.pull(single, options);
      const path = await store.verify(single.sha256, { unlessUnchanged: true });
      expect(await store.verify(single.sha256, { unlessUnchanged: true })).toBe(path);
      await fixture.damage(single.sha256);
      await expect(store.verify(single.sha256, { unlessUnchanged: true })).rejects.toMatchObject({
        kind: 'engine_failure',
        code: 'digest_mismatch',
        message: expect.stringMatching(new RegExp(`${single.sha256}.* are sha256:[0-9a-f]{64}`)),
      });
      await store.pull(single, options);
      await store.verify(single.sha256);
    });

    it('refuses names that are no digests', async () => {
      const { store } = openWith({});
      await expect(store.find('../../etc/passwd')).rejects.toMatchObject({ kind: 'invalid_request' });
    });
  });
}
