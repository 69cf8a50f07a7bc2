// A server to be killed: `node kill-server-child.js <database url> <folder> <api key> <admin key>`.
// Its URL is the first line on standard output.

import { startServer } from '../../src/server/start-server.js';
import { pacedModel } from './paced-scenario.js';

const [databaseUrl, dataDir, apiKey, adminKey] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const { url } = await startServer({
  served: pacedModel(),
  port: 0,
  databaseUrl,
  dataDir,
  apiKey,
  adminKey,
});
console.log(url);
