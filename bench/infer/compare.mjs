// @ts-check
import { best, takeTurns } from './rounds.mjs';
import { restSide, say, table } from './sides.mjs';

const HEADING = [
  'model',
  'server',
  'req/s',
  'CPU us/req',
  'p50 ms',
  'p99 ms',
  'failed',
];

/**
 * Each model at each server by turns, as a table of the least disturbed rounds.
 *
 * @param {Record<string, { url: string, pid: number }>} servers - by name
 * @param {any[]} models - as of {@link import('./models.mjs').loadModels}
 * @param {{ seconds: number, rounds: number, warmUpSeconds?: number }} turns
 * @param {(model: string, results: Record<string, import('./rounds.mjs').Round[]>) => string} describe - what is said below the table
 * @returns the rows of the table
 */
export async function compareServers(servers, models, turns, describe) {
  const rows = [];
  const notes = [];
  for (const model of models) {
    const results = await takeTurns(
      Object.entries(servers).map(([name, server]) =>
        restSide(name, server, model),
      ),
      turns,
    );
    for (const [name, all] of Object.entries(results)) {
      const { perSecond, cpuMicros, p50, p99 } = best(all);
      const failed = all.reduce((sum, round) => sum + round.failed, 0);
      rows.push([
        model.model,
        name,
        perSecond,
        cpuMicros.toFixed(1),
        p50,
        p99,
        failed,
      ]);
    }
    notes.push(`${model.model}: ${describe(model.model, results)}`);
  }
  say(table([HEADING, ...rows]));
  for (const note of notes) say(note);
  return rows;
}
