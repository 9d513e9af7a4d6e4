import { describe, expect, it } from 'vitest';
import { callHost, chatBody, errorOf } from './call-host.ts';
import type { Conformance } from './conformance-suite.ts';

/** Health, models, manifests and records. */
export function testManagement({ host, differences }: Conformance): void {
  const read = async (path: string): Promise<unknown> => JSON.parse((await callHost(host(), path)).text);

  describe('management', () => {
    it('tells that it is up and ready, without a key', async () => {
      expect(await callHost(host(), '/healthz', { key: undefined })).toMatchObject({
        status: 200,
        text: '{"status":"ok"}',
      });
      expect(await callHost(host(), '/readyz', { key: undefined })).toMatchObject({
        status: 200,
        text: '{"status":"ready","reasons":[]}',
      });
    });

    it('answers HEAD as GET without a body', async () => {
      expect(await callHost(host(), '/healthz', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    });

    it('lists the models with their versions', async () => {
      const { data } = (await read('/api/admin/models')) as {
        data: { name: string; stable: string; versions: object[] }[];
      };
      expect(data.find(({ name }) => name === 'speaker')).toMatchObject({
        stable: '1.0.0',
        versions: [
          { version: '1.0.0', runtime: 'openai-compatible', state: 'ready' },
          { version: '1.1.0', runtime: 'openai-compatible', state: 'ready' },
        ],
      });
    });

    it('serves the document of its API', async () => {
      expect(await read('/api/openapi.json')).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
    });

    it('records each request once, with its figures', async () => {
      const headers = { 'x-request-id': `conformance-${Math.random().toString(36).slice(2)}` };
      await callHost(host(), '/v1/chat/completions', { body: chatBody('speaker', { stream: true }), headers });
      const find = async () => {
        const { data } = (await read('/api/admin/predictions?limit=100')) as { data: { requestId: string }[] };
        return data.filter(({ requestId }) => requestId === headers['x-request-id']);
      };
      await expect.poll(find, { timeout: 10_000, interval: 200 }).toHaveLength(1);
      expect((await find())[0]).toMatchObject({
        model: 'speaker',
        version: '1.0.0',
        route: '/v1/chat/completions',
        outcome: 'ok',
        status: 200,
        stream: true,
        inputTokens: 7,
        outputTokens: 5,
      });
    });

    it('refuses a manifest that edits a registered version, and changes nothing', async () => {
      const body =
        'apiVersion: scarmonit/v1\nmodels:\n  speaker:\n    task: chat\n    stable: 1.0.0\n    versions:\n' +
        '      1.0.0: { runtime: openai-compatible, baseUrl: "http://127.0.0.1:9/v1", model: other }\n';
      const answer = await callHost(host(), '/api/admin/manifest', { method: 'PUT', body });
      expect(answer.status).toBe(409);
      expect(errorOf(answer)).toMatchObject({ code: 'version_immutable' });
      expect((await callHost(host(), '/v1/chat/completions', { body: chatBody('embedder') })).status).toBe(400);
    });

    // Hosts with engines of their own take such a version and fetch its artifact.
    if (!differences.hasLocalEngines) {
      it('refuses versions that need a machine of their own', async () => {
        const body =
          'apiVersion: scarmonit/v1\nmodels:\n  local:\n    task: chat\n    stable: 1.0.0\n    versions:\n      1.0.0:\n' +
          `        runtime: llama-cpp\n        artifact:\n          sha256: "${'a'.repeat(64)}"\n          recipe: concat\n` +
          `          from: [{ sources: ["https://models.example.com/a.gguf"], sha256: "${'a'.repeat(64)}" }]\n`;
        const answer = await callHost(host(), '/api/admin/manifest', { method: 'PUT', body });
        expect(answer.status).toBe(400);
        expect(errorOf(answer)).toMatchObject({ code: 'runtime_not_available' });
        expect(errorOf(answer).message).toContain('local@1.0.0 has the runtime llama-cpp');
      });
    }
  });
}
