/** Few enough arguments for one call on every engine. */
const chunkBytes = 8192;

/** Base64 of the floats as little-endian 32-bit numbers, which is what OpenAI's `encoding_format: base64` means. */
export function encodeFloats(vector: Float32Array): string {
  const bytes = toLittleEndian(vector);
  let binary = '';
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    binary += String.fromCharCode(...bytes.subarray(start, start + chunkBytes));
  }
  return btoa(binary);
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function toLittleEndian(vector: Float32Array): Uint8Array {
  if (hostIsLittleEndian) {
    return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  }
  const view = new DataView(new ArrayBuffer(vector.byteLength));
  for (const [index, value] of vector.entries()) {
    view.setFloat32(index * 4, value, true);
  }
  return new Uint8Array(view.buffer);
}
