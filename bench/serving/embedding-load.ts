// Embeds without end, in a process of its own, so that who measures something else meanwhile does not wait for it:
// `node embedding-load.ts URL KEY CLIENTS`. Tells its parent when all clients are at it, and ends with it.
import { sendTexts } from './measure-embeddings.ts';

const [url, key, clients] = process.argv.slice(2);
if (url === undefined || key === undefined) throw new Error('usage: embedding-load.ts URL KEY CLIENTS');
process.on('disconnect', () => process.exit(0));

let answers = 0;
await sendTexts({ url, key }, Number(clients), () => {
  answers += 1;
  if (answers === Number(clients)) process.send?.('running');
  return true;
});
