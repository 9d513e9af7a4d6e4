import { describe, expect, it } from 'vitest';
import { createRolloutWorld } from '../../test/rollout-world.ts';
import { createRolloutService, type RolloutCommand } from './manage-rollouts.ts';

const by = { by: 'sk-ada', reason: 'I say so' };

/** A process with a rollout that was just asked for. */
async function begin(settings: Parameters<typeof createRolloutWorld>[0] = {}) {
  const world = await createRolloutWorld({ steps: [10, 50], minBakeMinutes: 5, deadlineHours: 3, ...settings });
  const process = await world.start();
  const { service } = process;
  const { rollout } = await service.start({ model: 'chat', to: '1.1.0', plan: world.plan, by: 'manifest', reason: '' });
  const { id } = rollout;
  const command = (name: RolloutCommand, decision: object = {}) => service.command(id, name, { ...by, ...decision });
  const state = async () => (await world.states()).at(-1);
  const traffic = () => process.deployments.find('chat')?.traffic;
  return { world, ...process, id, command, state, traffic };
}

const conflict = (code: string) => ({ kind: 'conflict', code });

describe('starting a rollout', () => {
  it('takes a revision and changes nobody’s requests', async () => {
    const { traffic, state, world } = await begin();
    expect(traffic()).toMatchObject({ revision: 2, stable: '1.0.0', candidate: '1.1.0', weight: 0 });
    expect(await state()).toMatchObject({ phase: 'draft', revision: 1, decidedBy: 'manifest' });
    expect(world.store.written.receipts.at(-1)).toMatchObject({ kind: 'rollout', body: { plan: world.plan } });
  });

  it('is refused while one goes on, and allowed once it has ended', async () => {
    const { service, world, command } = await begin();
    const wanted = { model: 'chat', to: '1.1.0', plan: world.plan, ...by };
    await expect(service.start(wanted)).rejects.toMatchObject(conflict('rollout_in_progress'));
    await command('abort');
    await expect(service.start(wanted)).resolves.toMatchObject({ state: { phase: 'draft', decidedBy: 'sk-ada' } });
  });

  it('is refused for what is stable, what is not there, and what lacks a receipt that the manifest requires', async () => {
    const { service, world, command } = await begin();
    await command('abort');
    const start = (wanted: object) => service.start({ model: 'chat', to: '1.1.0', plan: world.plan, ...by, ...wanted });
    await expect(start({ to: '1.0.0' })).rejects.toMatchObject(conflict('already_stable'));
    await expect(start({ to: '9.9.9' })).rejects.toMatchObject({ kind: 'unknown_version' });
    await expect(start({ model: 'none' })).rejects.toMatchObject({ kind: 'unknown_model' });
    const plan = { ...world.plan, require: ['validation'] };
    await expect(start({ plan })).rejects.toMatchObject(conflict('receipts_missing'));
  });

  it('is refused for a deprecated version, whoever asks', async () => {
    const { service, versions, world, command } = await begin();
    await command('abort');
    await versions.deprecate('chat', '1.1.0', { deprecated: true, ...by });
    const wanted = { model: 'chat', to: '1.1.0', plan: world.plan, by: 'manifest', reason: '' };
    await expect(service.start(wanted)).rejects.toMatchObject(conflict('version_deprecated'));
  });

  it('begins at what is stable by the store, also where that is not known yet', async () => {
    const { service, world, command } = await begin();
    const other = await world.start();
    await command('abort');
    const wanted = { model: 'chat', to: '1.1.0', plan: world.plan, ...by };
    const { rollout } = await other.service.start(wanted);
    expect(other.deployments.find('chat')?.traffic).toMatchObject({ revision: 4, rolloutId: rollout.id });
    await expect(service.start(wanted)).rejects.toMatchObject(conflict('rollout_in_progress'));
  });

  it('is won by one of two', async () => {
    const { service, world, command } = await begin();
    await command('abort');
    const wanted = { model: 'chat', to: '1.1.0', plan: world.plan, ...by };
    const outcomes = await Promise.allSettled([service.start(wanted), service.start(wanted)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: conflict('revision_conflict'),
    });
  });
});

describe('steering a rollout', () => {
  it('promotes from stage to stage, in the name of who asked', async () => {
    const { round, command, traffic, state } = await begin();
    await round();
    const seen = [];
    for (let stage = 0; stage < 3; stage += 1) {
      seen.push(traffic()?.weight);
      await command('promote');
    }
    expect([...seen, traffic()?.stable, traffic()?.weight]).toEqual([0.1, 0.5, 1, '1.1.0', 0]);
    expect(await state()).toMatchObject({ phase: 'active', decidedBy: 'sk-ada' });
    expect(traffic()).not.toHaveProperty('candidate');
  });

  it('pauses the steps and not the gates', async () => {
    const { world, round, command, state, serve } = await begin();
    await round();
    await command('pause');
    await expect(command('pause')).rejects.toMatchObject(conflict('wrong_phase'));
    serve(20_000, () => ({}));
    await world.clock.advance(10 * 60_000);
    await round();
    expect(await state()).toMatchObject({ phase: 'canary', step: 0, paused: true });
    await command('resume');
    await round();
    expect(await state()).toMatchObject({ phase: 'canary', step: 1, paused: false });
    await command('pause');
    serve(2_000, (request, arm) => (arm === 'candidate' && request % 5 === 0 ? { outcome: 'error' } : {}));
    await round();
    expect(await state()).toMatchObject({ phase: 'rolled-back', decidedBy: 'gate' });
  });

  it('goes on after the deadline with a new one', async () => {
    const { world, round, command, state } = await begin();
    await round();
    await world.clock.advance(4 * 60 * 60_000);
    await round();
    expect(await state()).toMatchObject({ phase: 'held', resumesIn: 'canary' });
    await command('resume');
    await round();
    expect(await state()).toMatchObject({ phase: 'canary', step: 0, deadlineAt: world.clock.now() + 3 * 60 * 60_000 });
  });

  it('goes back at once, also after the end while the old version is warm', async () => {
    const { round, command, traffic, state } = await begin();
    await round();
    for (let stage = 0; stage < 3; stage += 1) await command('promote');
    await command('rollback');
    expect(traffic()).toMatchObject({ stable: '1.0.0', weight: 0 });
    expect(await state()).toMatchObject({ phase: 'rolled-back', reason: 'I say so' });
    await expect(command('rollback')).rejects.toMatchObject(conflict('wrong_phase'));
  });

  it('refuses what was decided on a state that has moved since', async () => {
    const { round, command, state } = await begin();
    const revision = (await state())?.revision;
    await round();
    await expect(command('promote', { revision })).rejects.toMatchObject(conflict('revision_conflict'));
    const now = (await state())?.revision;
    const both = await Promise.allSettled([
      command('promote', { revision: now }),
      command('promote', { revision: now }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await state()).toMatchObject({ step: 1 });
  });

  it.each(['pause', 'resume', 'promote', 'rollback', 'abort'] as const)(
    'refuses to %s what was aborted',
    async (name) => {
      const { command } = await begin();
      await command('abort');
      await expect(command(name)).rejects.toMatchObject(conflict('wrong_phase'));
    },
  );

  it('knows of no other rollouts', async () => {
    const { service } = await begin();
    await expect(service.command('none', 'abort', by)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('waits for its model to be declared again', async () => {
    const { service, deployments, command, id, state } = await begin();
    const models = deployments.list();
    deployments.replace([]);
    await expect(service.command(id, 'abort', by)).rejects.toMatchObject(conflict('version_not_live'));
    expect(await state()).toMatchObject({ phase: 'draft' });
    deployments.replace(models);
    await command('abort');
    expect(await state()).toMatchObject({ phase: 'aborted' });
  });

  it('into the middle of an incident freezes it with all traffic on the candidate, and it goes on afterwards', async () => {
    const { command, state, serve, round, world } = await begin({ steps: [50], minBakeMinutes: 1 });
    await round();
    serve(1_500, () => ({ outcome: 'ok' }));
    serve(1_500, (request) => ({ outcome: request % 2 === 0 ? 'error' : 'ok' }));
    await command('promote');
    expect(await state()).toMatchObject({ phase: 'bake' });
    await round();
    expect(await state()).toMatchObject({ phase: 'frozen', resumesIn: 'bake' });
    const phases: (string | undefined)[] = [];
    for (let minute = 0; minute < 2; minute += 1) {
      serve(2_000, () => ({ outcome: 'ok' }));
      await world.clock.advance(61_000);
      await round();
      phases.push((await state())?.phase);
    }
    expect(phases).toEqual(['bake', 'active']);
  });
});

describe('an upstream that was changed', () => {
  const changed = { model: 'chat', version: '1.1.0', change: 'fp_1 before, fp_2 now' };
  const healthy = (request: number) => (request % 400 === 0 ? ({ outcome: 'error' } as const) : {});

  it('has its evidence begun anew in the same stage, and says that the budget is spent again', async () => {
    const { round, serve, service, state, traffic, world } = await begin();
    await round();
    serve(2_000, healthy);
    await round();
    const before = traffic();
    await world.clock.advance(60_000);
    await service.refreshEvidence(changed);
    const { revision, createdAt, decidedBy, reason, ...same } = traffic() ?? {};
    expect(before).toMatchObject(same);
    expect({ revision, decidedBy }).toEqual({ revision: (before?.revision ?? 0) + 1, decidedBy: 'upstream' });
    expect(await state()).toMatchObject({
      phase: 'canary',
      step: 0,
      since: createdAt,
      evidenceFrom: revision,
      renewedFrom: revision,
      reason:
        'the upstream of chat@1.1.0 answers as another than before (fp_1 before, fp_2 now), so the evidence begins ' +
        'anew, and the budget of 1 % for a false rollback is spent anew',
    });
    serve(200, () => ({}));
    await round();
    await service.command((await state())?.rolloutId ?? '', 'pause', by);
    const readings = world.store.written.receipts.filter(({ kind }) => kind === 'gate').slice(-4);
    const exposures = readings.map(({ body }) => (body.reading as { exposure: number }).exposure);
    expect(Math.max(...exposures)).toBeLessThan(200);
    expect(Math.min(...exposures)).toBeGreaterThan(0);
  });

  it('is heard of once, whoever tells it, and only by the rollouts of that version', async () => {
    const { round, service, state } = await begin();
    await service.refreshEvidence(changed);
    expect(await state()).toMatchObject({ phase: 'draft', decidedBy: 'manifest' });
    await round();
    const before = (await state())?.revision ?? 0;
    await service.refreshEvidence({ ...changed, version: '9.9.9' });
    await service.refreshEvidence({ ...changed, model: 'other' });
    expect((await state())?.revision).toBe(before);
    await service.refreshEvidence(changed);
    await service.refreshEvidence(changed);
    expect((await state())?.revision).toBe(before + 1);
    await service.refreshEvidence({ ...changed, version: '1.0.0' });
    expect((await state())?.revision).toBe(before + 2);
  });

  it('is judged as it is once it has changed too often', async () => {
    const { round, service, state } = await begin();
    await round();
    const before = (await state())?.revision ?? 0;
    for (let face = 0; face < 9; face += 1) await service.refreshEvidence({ ...changed, change: `fp_${face}` });
    expect((await state())?.revision).toBe(before + 5);
  });
});

describe('a command at the moment of another', () => {
  /** A service before each of whose writes somebody else pauses, once. */
  async function meddle() {
    const begun = await begin();
    const { ports, service, id } = begun;
    let isFirst = true;
    const commit: typeof ports.rollouts.commit = async (...written) => {
      if (isFirst) {
        isFirst = false;
        await service.command(id, 'pause', { by: 'sk-eve', reason: 'first' });
      }
      return ports.rollouts.commit(...written);
    };
    return { ...begun, meddled: createRolloutService({ ...ports, rollouts: { ...ports.rollouts, commit } }) };
  }

  it('takes the rollout back all the same', async () => {
    const { meddled, id, state } = await meddle();
    await meddled.command(id, 'rollback', by);
    expect(await state()).toMatchObject({ phase: 'rolled-back', decidedBy: 'sk-ada', revision: 3 });
  });

  it('is refused when it was decided on what is no longer so', async () => {
    const { meddled, id, state } = await meddle();
    const { revision } = (await state()) ?? {};
    if (revision === undefined) throw new Error('The rollout has no state.');
    await expect(meddled.command(id, 'rollback', { ...by, revision })).rejects.toMatchObject(
      conflict('revision_conflict'),
    );
    expect(await state()).toMatchObject({ decidedBy: 'sk-eve' });
  });
});
