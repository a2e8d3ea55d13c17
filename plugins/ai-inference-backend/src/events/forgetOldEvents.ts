import type { Knex } from 'knex';

/** Events that are deleted in one statement, so that none holds locks for long. */
const MOST_AT_ONCE = 5_000;

/** Deletes the events of before a moment, in portions; returns how many. */
export async function forgetOldEvents(
  knex: Knex,
  options: { before: Date; signal: AbortSignal; atOnce?: number },
): Promise<number> {
  const { before, signal, atOnce = MOST_AT_ONCE } = options;
  let forgotten = 0;
  for (;;) {
    const deleted = await knex('ai_inference_events')
      .whereIn(
        'id',
        knex('ai_inference_events')
          .where('at', '<', before)
          .orderBy('at')
          .limit(atOnce)
          .select('id'),
      )
      .delete();
    forgotten += deleted;
    if (deleted < atOnce || signal.aborted) return forgotten;
  }
}
