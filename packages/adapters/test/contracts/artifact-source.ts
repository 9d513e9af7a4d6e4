import type { ArtifactSource, OpenOptions } from '@scarmonit/core/ports/artifact-source';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectBytes } from '../artifacts/test-bytes.ts';

export interface SourceFixture {
  readonly source: ArtifactSource;
  /** Names `bytes`. */
  readonly reference: string;
  /** At least a megabyte, so that a transfer has a middle. */
  readonly bytes: Uint8Array;
  /** Well-formed, and names nothing. */
  readonly missing: string;
  readonly malformed: readonly string[];
  /** Whether a transfer can start in the middle. */
  readonly resumes: boolean;
  close(): Promise<void>;
}

/** What every artifact source must do. */
export function testArtifactSource(name: string, setUp: () => Promise<SourceFixture>): void {
  describe(`artifact source: ${name}`, () => {
    let fixture: SourceFixture;
    beforeEach(async () => {
      fixture = await setUp();
    });
    afterEach(() => fixture.close());

    const open = (reference: string, options: Partial<OpenOptions> = {}) =>
      fixture.source.open(reference, { offset: 0, signal: new AbortController().signal, ...options });

    it('serves references of its scheme', () => {
      expect(fixture.reference.startsWith(`${fixture.source.scheme}:`)).toBe(true);
    });

    it('gives the bytes and their number', async () => {
      const { offset, totalBytes, stream } = await open(fixture.reference);
      expect(offset).toBe(0);
      expect(totalBytes).toBe(fixture.bytes.byteLength);
      expect(Buffer.compare(await collectBytes(stream), fixture.bytes)).toBe(0);
    });

    it('reports progress that rises', async () => {
      const reports: number[] = [];
      const { stream } = await open(fixture.reference, { onProgress: (received) => reports.push(received) });
      await collectBytes(stream);
      expect(reports.length).toBeGreaterThan(0);
      expect(reports).toEqual(reports.toSorted((left, right) => left - right));
    });

    it('starts at the wanted offset, or says that it starts again', async () => {
      const half = fixture.bytes.byteLength >> 1;
      const { offset, stream } = await open(fixture.reference, { offset: half });
      expect(offset).toBe(fixture.resumes ? half : 0);
      expect(Buffer.compare(await collectBytes(stream), fixture.bytes.subarray(offset))).toBe(0);
    });

    it('starts again when the offset is beyond the end', async () => {
      const { offset, stream } = await open(fixture.reference, { offset: fixture.bytes.byteLength + 1 });
      expect(offset).toBe(0);
      expect((await collectBytes(stream)).byteLength).toBe(fixture.bytes.byteLength);
    });

    it('serves several at once', async () => {
      const all = await Promise.all([1, 2, 3].map(async () => collectBytes((await open(fixture.reference)).stream)));
      for (const bytes of all) expect(Buffer.compare(bytes, fixture.bytes)).toBe(0);
    });

    it('goes on after a reader that left early', async () => {
      const { stream } = await open(fixture.reference);
      for await (const _chunk of stream) break;
      expect((await collectBytes((await open(fixture.reference)).stream)).byteLength).toBe(fixture.bytes.byteLength);
    });

    it('says not_found, with the reference, for what is not there', async () => {
      await expect(open(fixture.missing)).rejects.toMatchObject({
        kind: 'not_found',
        message: expect.stringContaining(fixture.missing),
      });
    });

    it('refuses malformed references and shows a good one', async () => {
      for (const reference of fixture.malformed) {
        await expect(open(reference), reference).rejects.toMatchObject({
          kind: 'invalid_request',
          message: expect.stringMatching(/such as|is not https/),
        });
      }
    });

    it('does nothing when it is cancelled beforehand', async () => {
      await expect(open(fixture.reference, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        kind: 'cancelled',
      });
    });

    it('stops when it is cancelled in the middle', async () => {
      const controller = new AbortController();
      const { stream } = await open(fixture.reference, { signal: controller.signal });
      const reading = (async () => {
        for await (const _chunk of stream) controller.abort();
      })();
      await expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    });
  });
}
