import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import { decodeCursor, encodeCursor } from '../cursor';
import type { RunFinder } from './RunLists';

const DEFAULT_RESULTS = 1_000;

/** Finds the newest runs of experiments. */
export class NewestRuns implements RunFinder {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @throws InputError for a filter or another order */
  async search(
    query: Parameters<RunFinder['search']>[0],
  ): ReturnType<RunFinder['search']> {
    const { maxResults = DEFAULT_RESULTS, pageToken, viewType } = query;
    if (query.filter || query.orderBy?.length) {
      throw new InputError(
        'filter, orderBy: this list has all runs, the newest first: leave them out',
      );
    }
    const page = this.#knex('runs')
      .select('id', 'started_at', 'run_id')
      .whereRaw('experiment = any(?::bigint[])', [[...query.experimentIds]])
      .orderBy([
        { column: 'started_at', order: 'desc' },
        { column: 'run_id', order: 'asc' },
      ])
      .limit(maxResults + 1);
    if (viewType !== 'ALL') {
      page.where({
        lifecycle: viewType === 'DELETED_ONLY' ? 'deleted' : 'active',
      });
    }
    if (pageToken !== undefined) {
      const [startedAt, runId] = decodeCursor(pageToken, 2);
      page.whereRaw('(started_at < ? or (started_at = ? and run_id > ?))', [
        startedAt,
        startedAt,
        runId,
      ]);
    }
    const rows = await page;
    const found = rows.slice(0, maxResults);
    const last = found.at(-1);
    return {
      runs: found.map(({ id }) => id),
      ...(rows.length > maxResults &&
        last && {
          nextPageToken: encodeCursor([last.started_at, last.run_id]),
        }),
    };
  }
}
