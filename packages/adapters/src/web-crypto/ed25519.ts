import type { PublicKey, SignatureVerifier, Signer } from '@scarmonit/core/ports/signer';

const algorithm = { name: 'Ed25519' };
/** What stands before the 32-byte seed in the PKCS #8 form of an Ed25519 private key (RFC 8410). */
const pkcs8Prefix = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]);

/**
 * Signs with Ed25519 by Web Crypto, which Node and Workers both have. The key is made ready when it is first used.
 * @param seed the 32 secret bytes of the key (RFC 8032); whoever has them can sign
 * @throws RangeError for a seed of another length
 */
export function createEd25519Signer(seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new RangeError(`An Ed25519 seed has 32 bytes, not ${seed.length}.`);
  let opened: Promise<OpenedKey> | undefined;
  const open = (): Promise<OpenedKey> => {
    opened ??= openKey(seed);
    return opened;
  };
  return {
    identify: async () => (await open()).publicKey,
    sign: async (message) => {
      const { key } = await open();
      return new Uint8Array(await crypto.subtle.sign(algorithm, key, Uint8Array.from(message)));
    },
  };
}

interface OpenedKey {
  readonly key: CryptoKey;
  readonly publicKey: PublicKey;
}

async function openKey(seed: Uint8Array): Promise<OpenedKey> {
  const pkcs8 = Uint8Array.from([...pkcs8Prefix, ...seed]);
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
  const { x } = (await crypto.subtle.exportKey('jwk', key)) as { readonly x?: string };
  if (x === undefined) throw new Error('Web Crypto exported an Ed25519 key without its public part.');
  const bytes = fromBase64Url(x);
  return { key, publicKey: { id: await keyIdOf(bytes), bytes } };
}

/** Verifies Ed25519 signatures by Web Crypto. A malformed key or signature is not valid; nothing is thrown. */
export function createEd25519Verifier(): SignatureVerifier {
  return {
    verify: async (publicKey, message, signature) => {
      try {
        const key = await crypto.subtle.importKey('raw', Uint8Array.from(publicKey), algorithm, false, ['verify']);
        return await crypto.subtle.verify(algorithm, key, Uint8Array.from(signature), Uint8Array.from(message));
      } catch {
        return false;
      }
    },
  };
}

async function keyIdOf(publicKey: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(publicKey));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}
