import { openSqlite } from '../src/sqlite/open-sqlite.ts';
import { testStore } from './contracts/store.ts';

testStore('SQLite', async () => {
  const db = openSqlite(':memory:');
  return { db, close: () => db.close() };
});
