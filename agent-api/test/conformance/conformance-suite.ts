import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type ConformanceHost, callHost } from './call-host.ts';
import { conformanceManifest } from './conformance-manifest.ts';
import { type ScriptedUpstream, startScriptedUpstream } from './scripted-upstream.ts';
import { testErrors } from './test-errors.ts';
import { testInference } from './test-inference.ts';
import { testKeys } from './test-keys.ts';
import { testManagement } from './test-management.ts';
import { keyOfUpstream, testSecrets } from './test-secrets.ts';

/** Where hosts may differ. Whatever is not listed here is the same on all of them, to the byte. */
export interface HostDifferences {
  /**
   * Whether a client that leaves before the first byte of its answer is noticed at once. Node's HTTP server sees the
   * connection close. workerd on a local socket looks at a connection only when it writes to it, and so notices at the
   * first byte; Cloudflare's own edge tells it at once (developers.cloudflare.com/workers/runtime-apis/request, "signal").
   */
  readonly noticesLeaversBeforeFirstByte: boolean;
  /** Whether engines that need a machine of their own can be declared. Workers have no processes and no files. */
  readonly hasLocalEngines: boolean;
}

/** What the suites get; filled before the first test. */
export interface Conformance {
  readonly differences: HostDifferences;
  host(): ConformanceHost;
  upstream(): ScriptedUpstream;
}

/** What a client sees of the app, whatever it runs on. */
export function testConformance(
  name: string,
  differences: HostDifferences,
  start: (env: Readonly<Record<string, string>>) => Promise<ConformanceHost>,
): void {
  describe(`HTTP conformance: ${name}`, () => {
    let host: ConformanceHost | undefined;
    let upstream: ScriptedUpstream | undefined;
    const started = <T>(part: T | undefined): T => {
      if (part === undefined) throw new Error('The host has not started.');
      return part;
    };
    const conformance: Conformance = { differences, host: () => started(host), upstream: () => started(upstream) };

    beforeAll(async () => {
      upstream = await startScriptedUpstream();
      const { origin } = new URL(upstream.baseUrl);
      host = await start({
        CONFORMANCE_API_KEY: keyOfUpstream,
        SCARMONIT_SECRET_ORIGINS: `CONFORMANCE_API_KEY=${origin}`,
      });
      const manifest = conformanceManifest(upstream.baseUrl);
      const applied = await callHost(host, '/api/admin/manifest', { method: 'PUT', body: manifest });
      expect(applied.text).toMatch(/^{"added":\["speaker@1\.0\.0",.*"backed@1\.0\.0"\],"removed":\[/);
      expect(applied.status).toBe(200);
    });
    afterAll(async () => {
      await host?.close();
      await upstream?.close();
    });

    testInference(conformance);
    testErrors(conformance);
    testKeys(conformance);
    testManagement(conformance);
    testSecrets(conformance);
  });
}
