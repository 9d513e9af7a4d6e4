import { bytesField, type Chunks, floatField, integerField, stringField } from './encode-protobuf.ts';

// Field numbers: onnx/onnx.proto of https://github.com/onnx/onnx (IR version 8, as opset 17 wants it).
const IR_VERSION = 8;
const OPSET = 17;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

const elementTypes = { float32: 1, int64: 7 } as const;

export type ElementType = keyof typeof elementTypes;

/** An integer, a list of integers, or a float (boxed, because 1 and 1.0 are the same number here). */
export type Attribute = number | readonly number[] | { readonly float: number };

/** An input or output of the whole graph. A dimension is a size or, for sizes that vary, a name. */
export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** Collects nodes and weights, and writes them as an ONNX model. Values are named by whoever makes them. */
export class OnnxGraph {
  readonly #nodes: Chunks[] = [];
  readonly #initializers: Chunks[] = [];

  /** Adds an operator of the default domain with one output. Returns the output's name. */
  node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Record<string, Attribute> = {},
  ): string {
    this.nodeWithOutputs(operator, inputs, [output], attributes);
    return output;
  }

  /** Adds an operator with several outputs. The node is named after the first. */
  nodeWithOutputs(
    operator: string,
    inputs: readonly string[],
    outputs: readonly [string, ...string[]],
    attributes: Record<string, Attribute> = {},
  ): void {
    this.#nodes.push([
      ...inputs.flatMap((input) => stringField(1, input)),
      ...outputs.flatMap((output) => stringField(2, output)),
      ...stringField(3, outputs[0]),
      ...stringField(4, operator),
      ...Object.entries(attributes).flatMap(([name, value]) => bytesField(5, encodeAttribute(name, value))),
    ]);
  }

  /** Adds a weight from its little-endian bytes, which are kept by reference. */
  weight(name: string, shape: readonly number[], bytes: Uint8Array, type: ElementType = 'float32'): string {
    this.#initializers.push([
      ...shape.flatMap((size) => integerField(1, size)),
      ...integerField(2, elementTypes[type]),
      ...stringField(8, name),
      ...bytesField(9, [bytes]),
    ]);
    return name;
  }

  floats(name: string, shape: readonly number[], values: readonly number[]): string {
    const view = new DataView(new ArrayBuffer(values.length * 4));
    values.forEach((value, index) => {
      view.setFloat32(index * 4, value, true);
    });
    return this.weight(name, shape, new Uint8Array(view.buffer));
  }

  integers(name: string, shape: readonly number[], values: readonly number[]): string {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, index) => {
      view.setBigInt64(index * 8, BigInt(value), true);
    });
    return this.weight(name, shape, new Uint8Array(view.buffer), 'int64');
  }

  /** The finished `ModelProto`. */
  encode(name: string, inputs: readonly GraphValue[], outputs: readonly GraphValue[]): Chunks {
    const graph = [
      ...this.#nodes.flatMap((node) => bytesField(1, node)),
      ...stringField(2, name),
      ...this.#initializers.flatMap((tensor) => bytesField(5, tensor)),
      ...inputs.flatMap((value) => bytesField(11, encodeGraphValue(value))),
      ...outputs.flatMap((value) => bytesField(12, encodeGraphValue(value))),
    ];
    return [
      ...integerField(1, IR_VERSION),
      ...stringField(2, 'scarmonit'),
      ...bytesField(7, graph),
      ...bytesField(8, [...stringField(1, ''), ...integerField(2, OPSET)]),
    ];
  }
}

function encodeAttribute(name: string, value: Attribute): Chunks {
  if (typeof value === 'number') {
    return [...stringField(1, name), ...integerField(3, value), ...integerField(20, ATTRIBUTE_INT)];
  }
  if ('float' in value) {
    return [...stringField(1, name), ...floatField(2, value.float), ...integerField(20, ATTRIBUTE_FLOAT)];
  }
  return [
    ...stringField(1, name),
    ...value.flatMap((item) => integerField(8, item)),
    ...integerField(20, ATTRIBUTE_INTS),
  ];
}

function encodeGraphValue({ name, type, shape }: GraphValue): Chunks {
  const dimensions = shape.flatMap((size) =>
    bytesField(1, typeof size === 'string' ? stringField(2, size) : integerField(1, size)),
  );
  const tensorType = [...integerField(1, elementTypes[type]), ...bytesField(2, dimensions)];
  return [...stringField(1, name), ...bytesField(2, bytesField(1, tensorType))];
}
