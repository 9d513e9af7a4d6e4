import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { OnnxGraph } from './onnx-graph.ts';

/** y = x · W + b, with W of shape [2, 1]. */
function buildLinear(): Uint8Array {
  const graph = new OnnxGraph();
  graph.floats('W', [2, 1], [0.5, -2]);
  graph.floats('b', [], [1]);
  graph.node('MatMul', ['x', 'W'], 'product');
  graph.node('Add', ['product', 'b'], 'y');
  const chunks = graph.encode(
    'linear',
    [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
    [{ name: 'y', type: 'float32', shape: ['batch', 1] }],
  );
  return Buffer.concat(chunks);
}

it('writes the bytes that the protobuf format of ONNX prescribes', () => {
  expect(Buffer.from(buildLinear()).toString('hex')).toBe(
    [
      '0808 1209736361726d6f6e6974', // ir_version = 8, producer_name = "scarmonit"
      '3a9901', // graph, 153 bytes
      '0a20 0a0178 0a0157 120770726f64756374 1a0770726f64756374 22064d61744d756c', // node: x, W → product, MatMul
      '0a17 0a0770726f64756374 0a0162 120179 1a0179 2203416464', // node: product, b → y, Add
      '12066c696e656172', // name = "linear"
      '2a13 0802 0801 1001 420157 4a080000003f000000c0', // initializer W: [2, 1], float, 0.5 and -2
      '2a0b 1001 420162 4a040000803f', // initializer b: scalar, float, 1
      '5a18 0a0178 1213 0a11 0801 120d 0a0712056261746368 0a020802', // input x: float ["batch", 2]
      '6218 0a0179 1213 0a11 0801 120d 0a0712056261746368 0a020801', // output y: float ["batch", 1]
      '42040a001011', // opset_import: default domain, version 17
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

it('writes models that run', async () => {
  const session = await InferenceSession.create(buildLinear());
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 4, -1), [2, 2]) });
  expect(y?.dims).toEqual([2, 1]);
  expect(y?.data).toEqual(Float32Array.of(-2.5, 5));
  await session.release();
});

it('writes integers, lists and floats as attributes', async () => {
  const graph = new OnnxGraph();
  graph.integers('axes', [1], [-1]);
  graph.node('Unsqueeze', ['x', 'axes'], 'column');
  graph.node('Transpose', ['column'], 'turned', { perm: [1, 0] });
  graph.node('Cast', ['turned'], 'floats', { to: 1 });
  graph.node('LeakyRelu', ['floats'], 'y', { alpha: { float: 0.25 } });
  const chunks = graph.encode(
    'attributes',
    [{ name: 'x', type: 'int64', shape: [2] }],
    [{ name: 'y', type: 'float32', shape: [1, 2] }],
  );
  const session = await InferenceSession.create(Buffer.concat(chunks));
  const { y } = await session.run({ x: new Tensor('int64', BigInt64Array.of(-8n, 3n), [2]) });
  expect(y?.data).toEqual(Float32Array.of(-2, 3));
  await session.release();
});
