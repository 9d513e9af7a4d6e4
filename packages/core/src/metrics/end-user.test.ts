import { describe, expect, it } from 'vitest';
import { createEndUserDigest } from './end-user.ts';

function open() {
  const hashed: string[] = [];
  const nameEndUser = createEndUserDigest({
    sha256Hex: (text) => {
      hashed.push(text);
      return `sha256(${text})`;
    },
  });
  return { nameEndUser, hashed };
}

describe('end users', () => {
  it('are told apart by project and user, whatever key they come with', () => {
    const { nameEndUser } = open();
    const ann = nameEndUser({ projectId: 'p1', keyId: 'k1', user: 'ann' });
    expect(nameEndUser({ projectId: 'p1', keyId: 'k2', user: 'ann' })).toBe(ann);
    expect(nameEndUser({ projectId: 'p1', keyId: 'k1', user: 'ben' })).not.toBe(ann);
    expect(nameEndUser({ projectId: 'p2', keyId: 'k1', user: 'ann' })).not.toBe(ann);
  });

  it('are the key where a request names none, and never the user of that name', () => {
    const { nameEndUser } = open();
    const key = nameEndUser({ projectId: 'p1', keyId: 'k1' });
    expect(nameEndUser({ projectId: 'p1', keyId: 'k1', user: '' })).toBe(key);
    expect(nameEndUser({ projectId: 'p1', keyId: 'k2', user: 'k1' })).not.toBe(key);
  });

  it('cost one hash each while they are known', () => {
    const { nameEndUser, hashed } = open();
    for (let round = 0; round < 3; round += 1) {
      for (const user of ['ann', 'ben']) nameEndUser({ projectId: 'p1', keyId: 'k1', user });
    }
    expect(hashed).toHaveLength(2);
  });

  it('take no more memory however many there are', () => {
    const { nameEndUser, hashed } = open();
    for (let user = 0; user < 10_001; user += 1) nameEndUser({ projectId: 'p1', keyId: 'k1', user: `u${user}` });
    nameEndUser({ projectId: 'p1', keyId: 'k1', user: 'u0' });
    expect(hashed).toHaveLength(10_002);
  });
});
