import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** A tensor of a TensorFlow.js model: little-endian bytes, four an element. */
export interface TfjsTensor {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** What `model.json` says about the files beside it (TensorFlow.js graph-model format). */
export interface TfjsManifest {
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  }[];
}

const BYTES_PER_ELEMENT = 4;

/** The tensors of a TensorFlow.js model, found by a piece of their long names. */
export class TfjsWeights {
  readonly #tensors = new Map<string, TfjsTensor>();

  /**
   * @param readShard gives the bytes of one of the manifest's paths
   * @throws ScarmonitError `invalid_request` when the shards are shorter than the manifest says
   */
  constructor(manifest: TfjsManifest, readShard: (path: string) => Uint8Array) {
    for (const group of manifest.weightsManifest) {
      const bytes = Buffer.concat(group.paths.map(readShard));
      let offset = 0;
      for (const { name, shape, dtype } of group.weights) {
        if (dtype !== 'float32' && dtype !== 'int32') {
          throw new ScarmonitError('invalid_request', `weight "${name}" has the unsupported type ${dtype}`);
        }
        const end = offset + BYTES_PER_ELEMENT * shape.reduce((product, size) => product * size, 1);
        if (end > bytes.byteLength) {
          throw new ScarmonitError('invalid_request', `the weight files end before the weight "${name}"`);
        }
        this.#tensors.set(name, { shape, bytes: bytes.subarray(offset, end) });
        offset = end;
      }
    }
  }

  /** @throws ScarmonitError `invalid_request` unless exactly one weight's name contains `fragment` */
  find(fragment: string): TfjsTensor {
    const matches = [...this.#tensors].filter(([name]) => name.includes(fragment));
    const [match] = matches;
    if (match === undefined || matches.length > 1) {
      throw new ScarmonitError(
        'invalid_request',
        `${matches.length} weights of the model match "${fragment}", wanted one`,
      );
    }
    return match[1];
  }
}
