const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * A vector as OpenAI's `encoding_format: base64` writes it: little-endian 32-bit floats in base64 (RFC 4648, section 4).
 * @returns undefined for text that is not that
 */
export function decodeFloats(base64: string): Float32Array | undefined {
  const text = base64.replace(/=+$/, '');
  const byteLength = Math.floor((text.length * 6) / 8);
  if (byteLength === 0 || byteLength % 4 !== 0) return undefined;
  const view = new DataView(new ArrayBuffer(byteLength));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0x3fff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    view.setUint8(at, (bits >> bitCount) & 0xff);
    at += 1;
  }
  return Float32Array.from({ length: byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true));
}
