/** Pieces and their log-probabilities, in the order of their ids: `vocab.json` of the encoder. */
export type UnigramVocabulary = readonly (readonly [piece: string, score: number])[];

const METASPACE = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true } as const;

/** The ids of the pieces that are no text; the first stands for whatever the vocabulary does not know. */
const specialPieces = ['<unk>', '<s>', '</s>'] as const;

/**
 * The encoder's SentencePiece unigram tokenizer in the `tokenizer.json` format of Hugging Face's tokenizers, which the
 * onnx runtime reads.
 */
export function buildTokenizer(vocabulary: UnigramVocabulary): string {
  const pieces = vocabulary.map(([piece, score], id) => [id < specialPieces.length ? specialPieces[id] : piece, score]);
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialPieces.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'NFKC' },
    pre_tokenizer: METASPACE,
    post_processor: null,
    decoder: METASPACE,
    model: { type: 'Unigram', unk_id: 0, vocab: pieces, byte_fallback: false },
  });
}
