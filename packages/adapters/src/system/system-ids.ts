import { randomFillSync } from 'node:crypto';
import type { Ids } from '@scarmonit/core/ports/ids';

const POOL_BYTES = 8_192;
/** Workers fill no more in one call, as Web Crypto does not. */
const MOST_AT_ONCE = 65_536;
const BYTES_PER_ID = 10;
const COUNTER_MAX = 0xfff;

/**
 * UUID v7 as RFC 9562 section 5.7 lays it out: 48 bits of milliseconds, 12 bits of a counter, 62 random bits. Within a
 * millisecond the counter grows, and when it is used up or the clock goes back, the time runs ahead of the clock
 * (section 6.2, method 1): ids of one process always sort in the order in which they were made.
 * @param now wall time, milliseconds since the Unix epoch
 */
export function createSystemIds(now: () => number = Date.now): Ids {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  let timestamp = 0;
  let counter = 0;
  /** Of the last id: writing 48 bits in hexadecimal costs more than all the rest of an id. */
  let writtenTime = '';

  const takeRandom = (): number => {
    if (used + BYTES_PER_ID > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const start = used;
    used += BYTES_PER_ID;
    return start;
  };

  return {
    next() {
      const start = takeRandom();
      const time = Math.floor(now());
      const before = timestamp;
      if (time > timestamp) {
        timestamp = time;
        // The top bit stays free, so that at least 2,048 ids fit into each millisecond.
        counter = pool.readUInt16BE(start) & (COUNTER_MAX >> 1);
      } else if (counter < COUNTER_MAX) {
        counter += 1;
      } else {
        timestamp += 1;
        counter = 0;
      }
      if (timestamp !== before) writtenTime = timestamp.toString(16).padStart(12, '0');
      const random = start + 2;
      pool[random] = 0x80 | (pool.readUInt8(random) & 0x3f);
      return writtenTime + (0x7000 | counter).toString(16) + pool.toString('hex', random, start + BYTES_PER_ID);
    },
    randomBytes(bytes) {
      const filled = new Uint8Array(bytes);
      for (let start = 0; start < bytes; start += MOST_AT_ONCE) {
        randomFillSync(filled, start, Math.min(MOST_AT_ONCE, bytes - start));
      }
      return filled;
    },
  };
}
