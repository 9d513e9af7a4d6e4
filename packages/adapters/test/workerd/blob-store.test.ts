import { reset } from 'cloudflare:test';
import { openR2 } from '../../src/cloudflare/r2/open-r2.ts';
import { testBlobStore } from '../contracts/blob-store.ts';
import { bindings } from './bindings.ts';

testBlobStore('R2', async () => ({ store: openR2(bindings.MODEL_BUCKET), close: () => reset() }));
