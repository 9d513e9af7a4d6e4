import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ArtifactSource, OpenOptions } from '@scarmonit/core/ports/artifact-source';

/** How one file of the source behaves. */
export interface ScriptedFile {
  readonly bytes: Uint8Array;
  /** Breaks off once after so many bytes of the whole; taken off the list when it happened. */
  readonly cuts?: number[];
  /** Knows no offsets: starts at 0 whatever is asked. */
  readonly restarts?: boolean;
  /** Waits for this before the last byte. */
  readonly gate?: Promise<void>;
}

export interface ScriptedSource extends ArtifactSource {
  /** What was opened, oldest first. */
  readonly opened: { readonly reference: string; readonly offset: number; readonly signal: AbortSignal }[];
}

const CHUNK_BYTES = 1000;

/** An artifact source in memory, `mem:NAME`, that fails on demand. */
export function createScriptedSource(files: Readonly<Record<string, ScriptedFile>>): ScriptedSource {
  const opened: ScriptedSource['opened'] = [];
  return {
    scheme: 'mem',
    opened,
    async open(reference, options) {
      opened.push({ reference, offset: options.offset, signal: options.signal });
      const file = files[reference.slice('mem:'.length)];
      if (file === undefined) throw new ScarmonitError('not_found', `${reference}: there is no such file`);
      const offset = file.restarts ? 0 : options.offset;
      return { offset, totalBytes: file.bytes.byteLength, validator: undefined, stream: play(file, offset, options) };
    },
  };
}

async function* play(
  file: ScriptedFile,
  offset: number,
  { signal, onProgress }: OpenOptions,
): AsyncIterable<Uint8Array> {
  const { bytes, cuts = [], gate } = file;
  for (let start = offset; start < bytes.byteLength; start += CHUNK_BYTES) {
    const end = Math.min(start + CHUNK_BYTES, bytes.byteLength);
    if (cuts[0] !== undefined && end > cuts[0]) {
      cuts.shift();
      throw new ScarmonitError('engine_failure', 'the connection was cut');
    }
    if (end === bytes.byteLength && gate !== undefined) await Promise.race([gate, aborted(signal)]);
    if (signal.aborted) throw new ScarmonitError('cancelled', 'the download was cancelled');
    onProgress?.(end, bytes.byteLength);
    yield bytes.subarray(start, end);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
