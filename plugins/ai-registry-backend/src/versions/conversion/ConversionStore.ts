import type {
  ConversionCheck,
  VersionConversion,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { VersionRef } from '../VersionService';

/** Of each version; the audit log has all, for as long as it is kept. */
export const MOST_CHECKS = 20;

type Said = Omit<VersionConversion, 'job' | 'check'>;

/** The tables `version_conversions` and `conversion_checks`. */
export class ConversionStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async insert(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    said: Said,
  ): Promise<void> {
    await tx('version_conversions').insert({
      model,
      version,
      said: JSON.stringify(said),
    });
  }

  /** With its newest check; undefined where it was not converted. */
  async find({
    model,
    version,
  }: VersionRef): Promise<Omit<VersionConversion, 'job'> | undefined> {
    const { rows } = await this.#knex.raw<{
      rows: { said: Said; checked_at: Date | null; found: object | null }[];
    }>(
      `select c.said, k.checked_at, k.found
       from version_conversions c
       left join lateral (
         select * from conversion_checks
         where model = c.model and version = c.version order by id desc limit 1) k on true
       where c.model = ? and c.version = ?`,
      [model, version],
    );
    const row = rows.at(0);
    if (!row) return undefined;
    return {
      ...row.said,
      ...(row.found && {
        check: {
          ...row.found,
          checkedAt: row.checked_at!.toISOString(),
        } as ConversionCheck,
      }),
    };
  }

  /** Adds what was found, and removes all but the newest {@link MOST_CHECKS}: the last one counts. */
  async addCheck(
    tx: Knex.Transaction,
    { model, version }: VersionRef,
    { checkedAt, ...found }: ConversionCheck,
  ): Promise<void> {
    await tx('conversion_checks').insert({
      model,
      version,
      checked_at: checkedAt,
      found: JSON.stringify(found),
    });
    await tx.raw(
      `delete from conversion_checks where id in (
         select id from conversion_checks where model = ? and version = ? order by id desc offset ?)`,
      [model, version, MOST_CHECKS],
    );
  }
}
