import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { OnnxGraph } from '../onnx/onnx-graph.ts';

/** A binary linear classifier on a sentence embedding: p(positive) = sigmoid(weights · embedding + bias). */
export interface LinearHead {
  /** What 0 and 1 mean. */
  readonly labels: readonly [string, string];
  readonly weights: readonly number[];
  readonly bias: number;
}

/** @throws ScarmonitError `invalid_request` that says what is wrong with it */
export function parseLinearHead(json: string, size: number): LinearHead {
  const head = JSON.parse(json) as Partial<LinearHead>;
  const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);
  const { labels, weights, bias } = head;
  if (!Array.isArray(labels) || labels.length !== 2 || !labels.every((label) => typeof label === 'string')) {
    throw new ScarmonitError('invalid_request', 'the head needs "labels": two names');
  }
  if (!Array.isArray(weights) || weights.length !== size || !weights.every(isFiniteNumber)) {
    throw new ScarmonitError('invalid_request', `the head needs "weights": ${size} numbers`);
  }
  if (!isFiniteNumber(bias)) {
    throw new ScarmonitError('invalid_request', 'the head needs "bias": a number');
  }
  return { labels: [labels[0], labels[1]], weights, bias };
}

/**
 * Adds the head as two columns, −z/2 and +z/2 for z = weights · embedding + bias, because softmax over them is exactly
 * sigmoid(z).
 * @returns the name of the logits, float32 [batch, 2]
 */
export function addLinearHead(graph: OnnxGraph, embedding: string, head: LinearHead): string {
  graph.floats(
    'head_kernel',
    [head.weights.length, 2],
    head.weights.flatMap((weight) => [-weight / 2, weight / 2]),
  );
  graph.floats('head_bias', [2], [-head.bias / 2, head.bias / 2]);
  graph.node('MatMul', [embedding, 'head_kernel'], 'head_product');
  return graph.node('Add', ['head_product', 'head_bias'], 'logits');
}
