import type { KeyValueStore } from '@scarmonit/core/ports/key-value-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface KeyValueFixture {
  readonly store: KeyValueStore;
  close(): Promise<void>;
}

/** What every key-value store must do. @param open makes an empty one */
export function testKeyValueStore(name: string, open: () => Promise<KeyValueFixture>): void {
  describe(`key-value store: ${name}`, () => {
    let fixture: KeyValueFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    it('does not know what was never put', async () => {
      expect(await fixture.store.get('absent')).toBeUndefined();
    });

    it('gives back texts as they were, the empty one too', async () => {
      await fixture.store.put('model:config', 'naïve \u{1F600}\n');
      await fixture.store.put('empty', '');
      expect(await fixture.store.get('model:config')).toBe('naïve \u{1F600}\n');
      expect(await fixture.store.get('empty')).toBe('');
    });

    it('replaces and deletes', async () => {
      await fixture.store.put('a', '1');
      await fixture.store.put('a', '2');
      expect(await fixture.store.get('a')).toBe('2');
      await fixture.store.delete('a');
      await fixture.store.delete('a');
      expect(await fixture.store.get('a')).toBeUndefined();
    });

    it('takes a life that is shorter than the store can keep', async () => {
      await fixture.store.put('short', 'x', 1_500);
      expect(await fixture.store.get('short')).toBe('x');
    });
  });
}
