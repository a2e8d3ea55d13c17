// @ts-check
import { requireFreePorts } from '../lib/ports.mjs';
import { stopAbandonedPostgres } from '../lib/postgres.mjs';
import { portsOf, postgresDirectory, readSettings } from './settings.mjs';

/** Finds what would stop the start, before the minutes of work that come first. Needs no packages. */
export async function checkBeforeStart() {
  await stopAbandonedPostgres(postgresDirectory);
  await requireFreePorts(portsOf(readSettings()));
}
