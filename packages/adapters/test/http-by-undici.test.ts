import { createUndiciTransport } from '../src/undici/create-undici-transport.ts';
import { testHttpTransport } from './contracts/http-transport.ts';
import { openMisbehavingOrigins } from './fixtures/misbehaving-origins.ts';

testHttpTransport('undici', createUndiciTransport, openMisbehavingOrigins);
