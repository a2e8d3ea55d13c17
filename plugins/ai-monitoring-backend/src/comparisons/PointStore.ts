import type { Knex } from 'knex';
import { type HistoryPoint, MOST_POINTS } from './historyPoints';

interface PointRow {
  comparison: string;
  at: Date;
  point: HistoryPoint;
}

/** How comparisons stood over time. */
export class PointStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async add(comparison: string, point: HistoryPoint): Promise<void> {
    await this.#knex('comparison_points')
      .insert({ comparison, at: point.at, point: JSON.stringify(point) })
      .onConflict(['comparison', 'at'])
      .ignore();
  }

  /** The newest 500, oldest first. */
  async list(comparison: string): Promise<HistoryPoint[]> {
    const rows: PointRow[] = await this.#knex<PointRow>('comparison_points')
      .where({ comparison })
      .orderBy('at', 'desc')
      .limit(MOST_POINTS);
    return rows.map(({ point }) => point).reverse();
  }

  /** When the last one of each comparison was, milliseconds since the epoch. */
  async listLast(comparisons: string[]): Promise<Map<string, number>> {
    const rows = (await this.#knex<PointRow>('comparison_points')
      .whereIn('comparison', comparisons)
      .groupBy('comparison')
      .select('comparison')
      .max('at as last')) as { comparison: string; last: Date }[];
    return new Map(
      rows.map(({ comparison, last }) => [comparison, last.getTime()]),
    );
  }
}
