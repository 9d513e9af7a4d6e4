import { describe, expect, it } from 'vitest';
import { createEd25519Signer, createEd25519Verifier } from './ed25519.ts';

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('Ed25519', () => {
  it('gives the signature of RFC 8032, section 7.1, test 2', async () => {
    const signer = createEd25519Signer(fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'));
    expect(Buffer.from((await signer.identify()).bytes).toString('hex')).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    );
    const signature = await signer.sign(fromHex('72'));
    expect(Buffer.from(signature).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
  });

  it('verifies its own signatures, and no others', async () => {
    const signer = createEd25519Signer(new Uint8Array(32).fill(7));
    const { bytes } = await signer.identify();
    const verifier = createEd25519Verifier();
    const message = new TextEncoder().encode('sequence 12');
    const signature = await signer.sign(message);
    expect(await verifier.verify(bytes, message, signature)).toBe(true);
    expect(await verifier.verify(bytes, new TextEncoder().encode('sequence 13'), signature)).toBe(false);
    expect(await verifier.verify(bytes, message, signature.slice(1))).toBe(false);
    expect(await verifier.verify(new Uint8Array(3), message, signature)).toBe(false);
  });

  it('refuses a seed of another length', () => {
    expect(() => createEd25519Signer(new Uint8Array(31))).toThrow('32 bytes, not 31');
  });
});
