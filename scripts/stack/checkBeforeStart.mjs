// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';
import { RESTORING } from '../backup/parts.mjs';
import { UserError } from '../lib/output.mjs';
import { dataDirectory } from '../lib/paths.mjs';
import { requireFreePorts } from '../lib/ports.mjs';
import { stopAbandonedPostgres } from '../lib/postgres.mjs';
import { portsOf, postgresDirectory, readSettings } from './settings.mjs';

/** Finds what would stop the start, before the minutes of work that come first. Needs no packages. */
export async function checkBeforeStart() {
  requireWholeData();
  await stopAbandonedPostgres(postgresDirectory);
  await requireFreePorts(portsOf(readSettings()));
}

function requireWholeData() {
  if (!existsSync(path.join(dataDirectory, RESTORING))) return;
  throw new UserError(
    `The data in ${dataDirectory} were being restored, and are not whole: run npm run restore again.`,
  );
}
