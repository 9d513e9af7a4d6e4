/** One file of the portal as it is sent. */
export interface PortalFile {
  readonly contentType: string;
  /** Strong, quotes included (RFC 9110, section 8.8.3). */
  readonly etag: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same, gzipped; absent where that makes it no smaller. */
  readonly gzip?: Uint8Array<ArrayBuffer>;
}

/** The built portal. */
export interface PortalFiles {
  /** @param path as in the address, `/index.html` or `/assets/main-1a2b.js`; one that leads out of the portal is unknown */
  find(path: string): Promise<PortalFile | undefined>;
}
