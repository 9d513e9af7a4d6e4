import { reset } from 'cloudflare:test';
import { openKv } from '../../src/cloudflare/kv/open-kv.ts';
import { testKeyValueStore } from '../contracts/key-value-store.ts';
import { bindings } from './bindings.ts';

testKeyValueStore('Workers KV', async () => ({ store: openKv(bindings.MODEL_CACHE), close: () => reset() }));
