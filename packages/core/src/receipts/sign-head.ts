import type { SignatureVerifier, Signer } from '../ports/signer.ts';
import type { Receipt, ReceiptHead } from './receipt.ts';

const encoder = new TextEncoder();

/** States that the chain ends in this receipt, signed. */
export async function signHead(
  { projectId, sequence, hash }: Pick<Receipt, 'projectId' | 'sequence' | 'hash'>,
  createdAt: number,
  signer: Signer,
): Promise<ReceiptHead> {
  const head = { projectId, sequence, hash, createdAt };
  const signature = await signer.sign(encoder.encode(signedText(head)));
  const { id: keyId } = await signer.identify();
  return { ...head, keyId, signature: toHex(signature) };
}

/** Whether the head was signed with this key. A signature that is not hex is simply not valid. */
export async function isHeadValid(
  head: ReceiptHead,
  publicKey: Uint8Array,
  verifier: SignatureVerifier,
): Promise<boolean> {
  const signature = fromHex(head.signature);
  return signature !== undefined && verifier.verify(publicKey, encoder.encode(signedText(head)), signature);
}

function signedText({ projectId, sequence, hash, createdAt }: Omit<ReceiptHead, 'keyId' | 'signature'>): string {
  return `scarmonit-head-v1\n${projectId}\n${sequence}\n${hash}\n${createdAt}`;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2})+$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(index * 2, index * 2 + 2), 16),
  );
}
