/** One file of the portal as it is sent. */
export interface PortalFile {
  readonly contentType: string;
  /** Strong, quotes included (RFC 9110, section 8.8.3). */
  readonly etag: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same, packed in ways that make it smaller; the smallest first. */
  readonly packed: readonly PackedBody[];
}

interface PackedBody {
  /** Content coding as in `accept-encoding` (RFC 9110, section 8.4.1). */
  readonly encoding: 'br' | 'gzip';
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The built portal. */
export interface PortalFiles {
  /** @param path as in the address, `/index.html` or `/assets/main-1a2b.js`; one that leads out of the portal is unknown */
  find(path: string): Promise<PortalFile | undefined>;
}
