/** Ed25519 as a port. */
export interface Signer {
  /** Who signs. */
  identify(): Promise<PublicKey>;
  /** @returns the 64-byte signature (RFC 8032) */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface PublicKey {
  /** Lower-case hex SHA-256 of the raw key. */
  readonly id: string;
  /** Raw, 32 bytes. */
  readonly bytes: Uint8Array;
}

export interface SignatureVerifier {
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}
