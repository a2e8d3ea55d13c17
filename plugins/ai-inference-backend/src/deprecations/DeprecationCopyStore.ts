import type {
  Deprecation,
  ListedDeprecation,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { isDeepStrictEqual } from 'node:util';
import type { ToldDeprecation } from './deprecationNews';

/** What is deprecated, or was, and what the owners of keys know of it. */
export interface WatchedDeprecation {
  model: string;
  version?: number;
  /** Undefined once it was taken back. */
  deprecation?: Deprecation;
  told?: ToldDeprecation;
}

interface Row {
  model: string;
  version: number;
  deprecation: Deprecation | null;
  told: ToldDeprecation | null;
}

/** Stands for the model as a whole. */
const WHOLE_MODEL = 0;

/** The table `deprecations`. */
export class DeprecationCopyStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** In force, of these models. */
  async listOf(models: string[]): Promise<ListedDeprecation[]> {
    const rows: Row[] = await this.#knex<Row>('deprecations')
      .whereRaw('model = any(?)', [models])
      .whereNotNull('deprecation')
      .orderBy(['model', 'version']);
    return rows.flatMap(({ model, version, deprecation }) =>
      deprecation
        ? [{ model, ...(version && { version }), ...deprecation }]
        : [],
    );
  }

  /** Takes over what the registry says of these models; writes nothing where that is known. */
  async keep(
    models: string[],
    deprecations: ListedDeprecation[],
  ): Promise<void> {
    const rows: Row[] = await this.#knex<Row>('deprecations').whereRaw(
      'model = any(?)',
      [models],
    );
    const known = new Map(rows.map(row => [keyText(row), row]));
    const said = new Map(
      deprecations.map(({ model, version = WHOLE_MODEL, ...deprecation }) => [
        keyText({ model, version }),
        { model, version, deprecation },
      ]),
    );
    for (const [key, row] of said) {
      const before = known.get(key)?.deprecation;
      if (isDeepStrictEqual(before, row.deprecation)) continue;
      const deprecation = JSON.stringify(row.deprecation);
      await this.#knex('deprecations')
        .insert({ ...row, deprecation })
        .onConflict(['model', 'version'])
        .merge({ deprecation });
    }
    for (const [key, { model, version, deprecation }] of known) {
      if (deprecation === null || said.has(key)) continue;
      await this.#knex('deprecations')
        .where({ model, version })
        .update({ deprecation: null });
    }
  }

  /** Of deployed models. */
  async listWatched(): Promise<WatchedDeprecation[]> {
    const rows: Row[] = await this.#knex<Row>('deprecations')
      .whereIn(
        'model',
        this.#knex('deployments').whereNull('withdrawn_at').select('model'),
      )
      .orderBy(['model', 'version']);
    return rows.map(toWatched);
  }

  /**
   * Notes what is told, and tells it before that is final: told twice is better than never.
   * Does nothing when another process was faster, or what is told is not true any more.
   *
   * @param news - `told` is undefined to forget a deprecation that was taken back
   */
  async tell(
    watched: WatchedDeprecation,
    news: {
      told: ToldDeprecation | undefined;
      send(tx: Knex.Transaction): Promise<void>;
    },
  ): Promise<void> {
    const { model, version = WHOLE_MODEL } = watched;
    await this.#knex.transaction(async tx => {
      const row: Row | undefined = await tx<Row>('deprecations')
        .where({ model, version })
        .forUpdate()
        .skipLocked()
        .first();
      if (!row || !isDeepStrictEqual(toWatched(row), watched)) return;
      await (news.told
        ? tx('deprecations')
            .where({ model, version })
            .update({ told: JSON.stringify(news.told) })
        : tx('deprecations').where({ model, version }).delete());
      await news.send(tx);
    });
  }
}

function keyText({ model, version }: Pick<Row, 'model' | 'version'>): string {
  return `${model}/${version}`;
}

function toWatched({ model, version, deprecation, told }: Row) {
  return {
    model,
    ...(version !== WHOLE_MODEL && { version }),
    ...(deprecation && { deprecation }),
    ...(told && { told }),
  };
}
