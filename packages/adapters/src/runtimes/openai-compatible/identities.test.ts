import { describe, expect, it } from 'vitest';
import { Identities } from './identities.ts';

const from = (model: string, systemFingerprint?: string) => ({ model, systemFingerprint });

describe('Identities', () => {
  it('tells of a new one, and who was there before', () => {
    const identities = new Identities();
    expect(identities.record(from('a', '1'))).toBeUndefined();
    expect(identities.record(from('a', '1'))).toBeUndefined();
    expect(identities.record(from('a', '2'))).toEqual(from('a', '1'));
    expect(identities.record(from('b', '2'))).toEqual(from('a', '2'));
  });

  it('is quiet about those that take turns, and about fingerprints that are told at times only', () => {
    const identities = new Identities();
    for (const fingerprint of ['1', '2']) identities.record(from('a', fingerprint));
    for (const fingerprint of ['1', undefined, '2', undefined]) {
      expect(identities.record(from('a', fingerprint))).toBeUndefined();
    }
  });

  it('remembers no more than it must', () => {
    const identities = new Identities();
    for (let turn = 0; turn < 17; turn++) identities.record(from(`m${turn}`, 'x'));
    expect(identities.record(from('m16', 'x'))).toBeUndefined();
    expect(identities.record(from('m0', 'x'))).toEqual(from('m16', 'x'));
  });
});
