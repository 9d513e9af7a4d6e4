import type { VersionRecordView } from '@scarmonit/protocol/admin/version';
import { describe, expect, it } from 'vitest';
import { eventually, type TestModel } from './rollout-host.ts';
import type { Stories } from './stories.ts';

const model = 'registered';

export const registeredModels: readonly TestModel[] = [
  { name: model, goals: { maxErrorRate: 0.5 }, rollout: { strategy: 'canary', steps: [50], minBakeMinutes: 60 } },
];

/** Versions that no manifest declares. */
export function testRegistered({ host, upstream }: Stories): void {
  const declare = (upstreamModel: string) => ({
    runtime: 'openai-compatible',
    baseUrl: upstream().baseUrl,
    model: upstreamModel,
  });
  const register = (version: string, upstreamModel: string) =>
    host().ask<VersionRecordView>(`admin/models/${model}/versions/${version}`, declare(upstreamModel), 'PUT');
  /** Status, version and headers of what clients get who ask for a version, each different answer once. */
  const pinned = async (version: string): Promise<readonly string[]> => {
    const { url, adminKey } = host();
    const ask = async (): Promise<string> => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${adminKey}`,
          'content-type': 'application/json',
          'x-model-version': version,
        },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
      });
      await response.arrayBuffer();
      const { status, headers } = response;
      return [status, headers.get('x-model-version'), headers.get('deprecation'), headers.get('sunset')]
        .join(' ')
        .trim();
    };
    return [...new Set(await Promise.all(Array.from({ length: 4 }, ask)))];
  };

  describe('a registered version', () => {
    it('never changes, is live for as long as a rollout needs it, and when deprecated says so to those who pin it', async () => {
      expect(await register('2.0.0', 'two')).toMatchObject({ status: 200, body: { status: 'testing', state: null } });
      expect((await register('2.0.0', 'two')).status).toBe(200);
      const changed = await register('2.0.0', 'another');
      expect(changed).toMatchObject({ status: 409, body: { error: { code: 'version_immutable' } } });
      expect(await pinned('2.0.0')).toEqual(['404']);

      const aborted = await host().startRollout(model, {}, '2.0.0');
      await eventually(async () => expect(await pinned('2.0.0')).toEqual(['200 2.0.0']));
      await host().command(aborted, 'abort');
      await eventually(async () => expect(await pinned('2.0.0')).toEqual(['404']));

      const id = await host().startRollout(model, {}, '2.0.0');
      await host().until(id, 'canary');
      for (const phase of ['bake', 'active']) {
        expect((await host().command(id, 'promote')).body.state.phase).toBe(phase);
      }
      await eventually(async () => expect(await pinned('stable')).toEqual(['200 2.0.0']));
      const { body } = await host().ask<{ data: VersionRecordView[] }>(`admin/models/${model}/versions`);
      expect(body.data.map(({ version, status, alias }) => [version, status, alias])).toEqual([
        ['1.0.0', 'active', null],
        ['1.1.0', 'testing', null],
        ['2.0.0', 'active', 'stable'],
      ]);

      const sunsetAt = Date.UTC(2031, 0, 31, 12);
      const deprecated = await host().ask<VersionRecordView>(`admin/models/${model}/versions/1.0.0/deprecation`, {
        sunsetAt,
      });
      const since = Math.floor((deprecated.body.deprecation?.since ?? 0) / 1_000);
      await eventually(async () =>
        expect(await pinned('1.0.0')).toEqual([`200 1.0.0 @${since} Fri, 31 Jan 2031 12:00:00 GMT`]),
      );
      await host().ask(`admin/models/${model}/versions/1.0.0/deprecation`, { deprecated: false });
      await eventually(async () => expect(await pinned('1.0.0')).toEqual(['200 1.0.0']));
    });
  });
}
