/** A vector and whether it is of the positive class. */
export interface Example {
  readonly vector: Float64Array;
  readonly positive: boolean;
}

export interface FittedHead {
  readonly weights: Float64Array;
  readonly bias: number;
}

export interface FitOptions {
  readonly epochs: number;
  /** Step size of the first epoch; epoch e uses learningRate / (1 + e / 10). */
  readonly learningRate: number;
  /** Weight decay (L2). The bias is not decayed. */
  readonly decay: number;
  readonly seed: number;
}

/** Logistic regression by stochastic gradient descent; the same examples, options and seed give the same numbers. */
export function fitLinearHead(examples: readonly Example[], options: FitOptions): FittedHead {
  const random = createRandom(options.seed);
  const weights = new Float64Array(examples[0]?.vector.length ?? 0);
  let bias = 0;
  let order = examples;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    order = shuffle(order, random);
    const rate = options.learningRate / (1 + epoch / 10);
    for (const { vector, positive } of order) {
      const error = 1 / (1 + Math.exp(-score({ weights, bias }, vector))) - (positive ? 1 : 0);
      for (let index = 0; index < weights.length; index++) {
        const weight = weights[index] ?? 0;
        weights[index] = weight - rate * (error * (vector[index] ?? 0) + options.decay * weight);
      }
      bias -= rate * error;
    }
  }
  return { weights, bias };
}

/** The share of examples on the right side, 0 … 1. */
export function accuracyOf(head: FittedHead, examples: readonly Example[]): number {
  const right = examples.filter(({ vector, positive }) => score(head, vector) > 0 === positive);
  return right.length / examples.length;
}

function score({ weights, bias }: FittedHead, vector: Float64Array): number {
  let sum = bias;
  for (let index = 0; index < weights.length; index++) {
    sum += (weights[index] ?? 0) * (vector[index] ?? 0);
  }
  return sum;
}

/** A random order, by sorting on random keys; returns a new array. */
export function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((left, right) => left.key - right.key).map(({ item }) => item);
}

/** Mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c): uniform in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
