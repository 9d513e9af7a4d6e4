import type { OnnxGraph } from '../onnx/onnx-graph.ts';
import type { TfjsTensor, TfjsWeights } from './tfjs-weights.ts';

const HEADS = 4;
const LAYER_NORM_EPSILON = 1e-6;
const MASKED = -1e9;

/**
 * Writes Universal Sentence Encoder Lite into `graph`: token embeddings with a timing signal, two pre-norm transformer
 * layers, the mean over the tokens, one tanh layer and L2 normalization. The model is the transformer variant of Cer et
 * al., "Universal Sentence Encoder" (arXiv:1803.11175); names and constants are those of its TensorFlow.js graph.
 *
 * Reads the graph inputs `input_ids` and `attention_mask`, int64 [batch, seq].
 * @returns the name and the length of the embedding, float32 [batch, length], a unit vector
 */
export function buildEncoder(
  graph: OnnxGraph,
  weights: TfjsWeights,
): { readonly output: string; readonly length: number } {
  graph.integers('axis_1', [1], [1]);
  graph.floats('one', [], [1]);
  graph.node('Cast', ['attention_mask'], 'mask', { to: 1 });

  let hidden = addTimingSignal(graph, weights);
  const attentionBias = addAttentionBias(graph);
  for (const layer of [0, 1]) {
    hidden = addTransformerLayer(graph, weights, layer, hidden, attentionBias);
  }
  const mean = addMaskedMean(graph, hidden);
  const kernel = weights.find('tanh_layer_0/weights');
  const bias = weights.find('tanh_layer_0/bias');
  const activated = graph.node('Tanh', [addLinear(graph, 'tanh_layer', mean, { kernel, bias })], 'activated');
  return { output: addUnitLength(graph, activated, 'sentence_embedding'), length: lastSize(bias) };
}

/** Token embeddings, doubled, plus the sine and cosine of each position: the original graph adds the embeddings twice. */
function addTimingSignal(graph: OnnxGraph, weights: TfjsWeights): string {
  const embeddings = weights.find('module/Embeddings_en');
  const frequencies = weights.find('TimingSignal/ExpandDims_1');
  graph.weight('embeddings', embeddings.shape, embeddings.bytes);
  graph.weight('frequencies', frequencies.shape, frequencies.bytes);
  graph.integers('index_0', [], [0]);
  graph.integers('index_1', [], [1]);

  graph.node('Gather', ['embeddings', 'input_ids'], 'embedded');
  graph.node('Shape', ['input_ids'], 'input_shape');
  graph.node('Gather', ['input_shape', 'index_1'], 'sequence_length');
  graph.node('Range', ['index_0', 'sequence_length', 'index_1'], 'position_ids');
  graph.node('Cast', ['position_ids'], 'position_floats', { to: 1 });
  graph.node('Unsqueeze', ['position_floats', 'axis_1'], 'positions');
  graph.node('Mul', ['positions', 'frequencies'], 'angles');
  graph.node('Sin', ['angles'], 'sines');
  graph.node('Cos', ['angles'], 'cosines');
  graph.node('Concat', ['sines', 'cosines'], 'timing', { axis: 1 });
  graph.node('Add', ['embedded', 'timing'], 'embedded_timing');
  return graph.node('Add', ['embedded', 'embedded_timing'], 'encoder_input');
}

/** 0 where there is a token, −10⁹ where there is padding; [batch, 1, 1, seq]. */
function addAttentionBias(graph: OnnxGraph): string {
  graph.integers('axes_1_2', [2], [1, 2]);
  graph.floats('masked', [], [MASKED]);
  graph.node('Sub', ['one', 'mask'], 'padding');
  graph.node('Mul', ['padding', 'masked'], 'padding_bias');
  return graph.node('Unsqueeze', ['padding_bias', 'axes_1_2'], 'attention_bias');
}

function addTransformerLayer(
  graph: OnnxGraph,
  weights: TfjsWeights,
  layer: number,
  input: string,
  attentionBias: string,
): string {
  const name = `layer_${layer}`;
  const find = (path: string) => weights.find(`KonaTransformer/Encode/Layer_${layer}/${path}`);
  const findStacked = (path: string) => weights.find(`TransformerStack/Layer_${layer}/${path}`);

  // The first layer widens its input, so that its residual needs a projection.
  const residual =
    layer === 0
      ? addLinear(graph, `${name}_residual`, input, {
          kernel: find('TransformerLayer/dense/kernel'),
          bias: find('TransformerLayer/dense/bias'),
        })
      : input;
  const normalized = addLayerNorm(graph, `${name}_norm`, input, {
    scale: find('TransformerLayer/layer_prepostprocess/layer_norm/layer_norm_scale'),
    bias: find('TransformerLayer/layer_prepostprocess/layer_norm/layer_norm_bias'),
  });
  const queriesKeysValues = find('TransformerLayer/MultiheadAttention/qkv_transform_single/bias');
  const projected = addLinear(graph, `${name}_qkv`, normalized, {
    kernel: find('TransformerLayer/MultiheadAttention/qkv_transform_single/kernel'),
    bias: queriesKeysValues,
  });
  const context = addAttention(graph, name, projected, lastSize(queriesKeysValues) / 3, attentionBias);
  const attended = addLinear(graph, `${name}_attention_output`, context, {
    kernel: find('TransformerLayer/MultiheadAttention/output_transform_single/kernel'),
    bias: find('TransformerLayer/MultiheadAttention/output_transform_single/bias'),
  });
  const middle = graph.node('Add', [attended, residual], `${name}_middle`);

  const normalizedMiddle = addLayerNorm(graph, `${name}_feed_norm`, middle, {
    scale: find('TransformerLayer/FFN/layer_prepostprocess/layer_norm/layer_norm_scale'),
    bias: find('TransformerLayer/FFN/layer_prepostprocess/layer_norm/layer_norm_bias'),
  });
  const widened = addLinear(graph, `${name}_feed_in`, normalizedMiddle, {
    kernel: findStacked('TransformerLayer/FFN/conv1/Tensordot/Reshape_1'),
    bias: find('TransformerLayer/FFN/conv1/bias'),
  });
  const narrowed = addLinear(graph, `${name}_feed_out`, graph.node('Relu', [widened], `${name}_feed_relu`), {
    kernel: findStacked('TransformerLayer/FFN/conv2/Tensordot/Reshape_1'),
    bias: find('TransformerLayer/FFN/conv2/bias'),
  });
  return graph.node('Add', [narrowed, middle], `${name}_output`);
}

/** Scaled dot-product attention over `HEADS` heads; `projected` is [batch, seq, 3 × size]. */
function addAttention(graph: OnnxGraph, name: string, projected: string, size: number, attentionBias: string): string {
  const headSize = size / HEADS;
  graph.integers(`${name}_thirds`, [3], [size, size, size]);
  // 0 keeps the input's own size: batch and sequence stay as they are.
  graph.integers(`${name}_split_shape`, [4], [0, 0, HEADS, headSize]);
  graph.integers(`${name}_joined_shape`, [3], [0, 0, size]);
  graph.floats(`${name}_scale`, [], [1 / Math.sqrt(headSize)]);

  graph.nodeWithOutputs('Split', [projected, `${name}_thirds`], [`${name}_q`, `${name}_k`, `${name}_v`], { axis: 2 });
  const splitHeads = (part: 'q' | 'k' | 'v', order: readonly number[]) => {
    graph.node('Reshape', [`${name}_${part}`, `${name}_split_shape`], `${name}_${part}_split`);
    return graph.node('Transpose', [`${name}_${part}_split`], `${name}_${part}_heads`, { perm: order });
  };
  const queries = splitHeads('q', [0, 2, 1, 3]);
  const keys = splitHeads('k', [0, 2, 3, 1]);
  const values = splitHeads('v', [0, 2, 1, 3]);

  graph.node('Mul', [queries, `${name}_scale`], `${name}_q_scaled`);
  graph.node('MatMul', [`${name}_q_scaled`, keys], `${name}_scores`);
  graph.node('Add', [`${name}_scores`, attentionBias], `${name}_masked_scores`);
  graph.node('Softmax', [`${name}_masked_scores`], `${name}_attention`, { axis: -1 });
  graph.node('MatMul', [`${name}_attention`, values], `${name}_context_heads`);
  graph.node('Transpose', [`${name}_context_heads`], `${name}_context_split`, { perm: [0, 2, 1, 3] });
  return graph.node('Reshape', [`${name}_context_split`, `${name}_joined_shape`], `${name}_context`);
}

/** Mean over the real tokens, [batch, size]. */
function addMaskedMean(graph: OnnxGraph, hidden: string): string {
  graph.integers('axis_last', [1], [-1]);
  graph.node('Unsqueeze', ['mask', 'axis_last'], 'mask_column');
  graph.node('Mul', [hidden, 'mask_column'], 'hidden_masked');
  graph.node('ReduceSum', ['hidden_masked', 'axis_1'], 'hidden_sum', { keepdims: 0 });
  graph.node('ReduceSum', ['mask', 'axis_1'], 'token_count', { keepdims: 1 });
  graph.node('Max', ['token_count', 'one'], 'token_count_or_one');
  return graph.node('Div', ['hidden_sum', 'token_count_or_one'], 'mean');
}

function addUnitLength(graph: OnnxGraph, input: string, output: string): string {
  graph.floats('least_square', [], [1e-12]);
  graph.node('Mul', [input, input], 'squares');
  graph.node('ReduceSum', ['squares', 'axis_1'], 'square_sum', { keepdims: 1 });
  graph.node('Max', ['square_sum', 'least_square'], 'square_sum_or_least');
  graph.node('Sqrt', ['square_sum_or_least'], 'length');
  return graph.node('Div', [input, 'length'], output);
}

function lastSize({ shape }: TfjsTensor): number {
  return shape.at(-1) ?? 0;
}

function addLinear(
  graph: OnnxGraph,
  name: string,
  input: string,
  { kernel, bias }: { readonly kernel: TfjsTensor; readonly bias: TfjsTensor },
): string {
  // Kernels of convolutions carry leading dimensions of 1.
  graph.weight(`${name}_kernel`, kernel.shape.slice(-2), kernel.bytes);
  graph.weight(`${name}_bias`, bias.shape, bias.bytes);
  graph.node('MatMul', [input, `${name}_kernel`], `${name}_product`);
  return graph.node('Add', [`${name}_product`, `${name}_bias`], name);
}

function addLayerNorm(
  graph: OnnxGraph,
  name: string,
  input: string,
  { scale, bias }: { readonly scale: TfjsTensor; readonly bias: TfjsTensor },
): string {
  graph.weight(`${name}_scale`, scale.shape, scale.bytes);
  graph.weight(`${name}_bias`, bias.shape, bias.bytes);
  return graph.node('LayerNormalization', [input, `${name}_scale`, `${name}_bias`], name, {
    axis: -1,
    epsilon: { float: LAYER_NORM_EPSILON },
  });
}
