import { inject } from 'vitest';
import { createFetchTransport } from '../../src/fetch/create-fetch-transport.ts';
import { testHttpTransport } from '../contracts/http-transport.ts';

testHttpTransport(
  'fetch of workerd',
  createFetchTransport,
  async () => ({ ...inject('origins'), close: async () => undefined }),
  { unpacks: true, hasNoConnectDeadline: true, tellsNoConnectFromBroken: true },
);
