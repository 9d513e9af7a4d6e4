/** How every secret that is made here begins, so that people and leak scanners recognise it. */
const SECRET_START = 'sk-scarmonit-';
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = SECRET_START.length + 4;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is just above 2^256. */
const BASE62_LENGTH = 43;

/** Makes a secret of 256 random bits in base 62, which a double click selects as a whole. */
export function makeSecret(randomBytes: (bytes: number) => Uint8Array): string {
  let number = 0n;
  for (const byte of randomBytes(SECRET_BYTES)) number = (number << 8n) | BigInt(byte);
  let digits = '';
  for (let place = 0; place < BASE62_LENGTH; place += 1) {
    digits = BASE62.charAt(Number(number % 62n)) + digits;
    number /= 62n;
  }
  return SECRET_START + digits;
}

/** The first characters, by which people tell keys apart: of a secret that someone chose, a quarter at the most. */
export function prefixOf(secret: string): string {
  if (secret.startsWith(SECRET_START) && secret.length === SECRET_START.length + BASE62_LENGTH) {
    return secret.slice(0, SHOWN_CHARACTERS);
  }
  return secret.slice(0, Math.min(8, Math.floor(secret.length / 4)));
}

/** A secret as an error may show it: `sk-sc…a1b2`, and nothing at all of a short or unprintable one. */
export function maskSecret(secret: string): string {
  if (secret.length < 20 || !/^[\x21-\x7e]+$/.test(secret)) return '…';
  return `${secret.slice(0, 5)}…${secret.slice(-4)}`;
}
