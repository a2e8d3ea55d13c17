// @ts-check
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../../lib/ports.mjs';
import { root } from '../../../lib/paths.mjs';
import { startPostgres } from '../../../lib/postgres.mjs';

const require = createRequire(import.meta.url);

const DIRECTORY = path.join(root, 'plugins/ai-monitoring-backend/migrations');
/** Those that make the tables of comparisons, and what these need. */
const MIGRATIONS = ['20261125_verdicts.js', '20261129_comparisons.js'];

/** A PostgreSQL of its own with the tables of comparisons. */
export async function startDatabase() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-rollouts-'));
  // The server may run as another user.
  chmodSync(folder, 0o755);
  const server = await startPostgres({
    directory: folder,
    port: await findFreePort(),
    password: 'simulation',
    durable: false,
  });
  // Also when everything ends in between.
  const end = () => server.stop().finally(() => process.exit(1));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const knex = require('knex')({ client: 'pg', connection: server.url });
  try {
    for (const migration of MIGRATIONS) {
      await require(path.join(DIRECTORY, migration)).up(knex);
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    knex,
    async stop() {
      await knex.destroy();
      await server.stop();
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
