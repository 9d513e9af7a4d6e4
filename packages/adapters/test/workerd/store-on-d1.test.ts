import { reset } from 'cloudflare:test';
import { openD1 } from '../../src/cloudflare/d1/open-d1.ts';
import { testSqlDatabase } from '../contracts/sql-database.ts';
import { testStore } from '../contracts/store.ts';
import { bindings } from './bindings.ts';

const open = async () => ({ db: openD1(bindings.DB), close: () => reset() });
testSqlDatabase('D1', open);
testStore('D1', open);
