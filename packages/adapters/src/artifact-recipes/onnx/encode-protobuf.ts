/**
 * Just enough of the Protocol Buffers wire format (https://protobuf.dev/programming-guides/encoding) to write ONNX.
 * A message is a list of chunks, so that tensors of many megabytes are never copied.
 */
export type Chunks = readonly Uint8Array[];

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

const utf8 = new TextEncoder();

/** Negative numbers become ten bytes of two's complement, as `int64` fields want it. */
function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function tag(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

/** Length in bytes. */
export function chunksLength(chunks: Chunks): number {
  return chunks.reduce((total, chunk) => total + chunk.byteLength, 0);
}

export function integerField(field: number, value: number | bigint): Chunks {
  return [tag(field, VARINT), varint(value)];
}

export function floatField(field: number, value: number): Chunks {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [tag(field, FIXED_32), bytes];
}

/** A `bytes` field or an embedded message. */
export function bytesField(field: number, content: Chunks): Chunks {
  return [tag(field, LENGTH_DELIMITED), varint(chunksLength(content)), ...content];
}

export function stringField(field: number, text: string): Chunks {
  return bytesField(field, [utf8.encode(text)]);
}
