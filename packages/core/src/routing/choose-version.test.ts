import { describe, expect, it } from 'vitest';
import { chooseVersion } from './choose-version.ts';

const versions = new Map([
  ['1.0.0', {}],
  ['1.1.0', {}],
]);
const deployment = { traffic: { model: 'chat', stable: '1.0.0' }, versions };

describe('chooseVersion', () => {
  it('takes stable when that is pinned', () => {
    expect(chooseVersion(deployment, 'stable')).toBe('1.0.0');
  });

  it('takes the pinned version', () => {
    expect(chooseVersion(deployment, '1.1.0')).toBe('1.1.0');
  });

  it('takes the candidate while there is one', () => {
    expect(chooseVersion({ versions, traffic: { ...deployment.traffic, candidate: '1.1.0' } }, 'candidate')).toBe(
      '1.1.0',
    );
    expect(() => chooseVersion(deployment, 'candidate')).toThrow(/no candidate/);
  });

  it('refuses a version that is not live and names those that are', () => {
    expect(() => chooseVersion(deployment, '9.9.9')).toThrow(/no live version '9\.9\.9'.*1\.0\.0, 1\.1\.0/);
  });
});
