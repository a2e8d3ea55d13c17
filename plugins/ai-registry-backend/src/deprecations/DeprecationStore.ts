import type {
  DeprecatedThing,
  Deprecation,
  ListedDeprecation,
  NewDeprecation,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';

/** A row; the times are texts where it comes as JSON. */
export interface StoredDeprecation {
  since: Date | string;
  sunset_at: Date | string | null;
  replacement_model: string | null;
  replacement_version: number | null;
  message: string;
  deprecated_by: string;
}

interface DeprecationRow extends StoredDeprecation {
  model: string;
  version: number;
}

/** Stands for the model as a whole. */
const WHOLE_MODEL = 0;

/** The table `deprecations`. */
export class DeprecationStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async find(
    thing: DeprecatedThing,
    tx: Knex = this.#knex,
  ): Promise<Deprecation | undefined> {
    const row: DeprecationRow | undefined = await tx('deprecations')
      .where(keyOf(thing))
      .first();
    return row && toDeprecation(row);
  }

  /** Of these models as a whole, and of all their versions; by model and version. */
  async listOf(models: string[]): Promise<ListedDeprecation[]> {
    if (models.length === 0) return [];
    const rows: DeprecationRow[] = await this.#knex('deprecations')
      .whereRaw('model = any(?)', [models])
      .orderBy(['model', 'version']);
    return rows.map(row => ({
      model: row.model,
      ...(row.version !== WHOLE_MODEL && { version: row.version }),
      ...toDeprecation(row),
    }));
  }

  /** One that is there keeps when it was deprecated. */
  async put(
    tx: Knex.Transaction,
    thing: DeprecatedThing,
    deprecation: NewDeprecation & { deprecatedBy: string },
  ): Promise<void> {
    const { sunsetAt, replacement, message, deprecatedBy } = deprecation;
    const said = {
      sunset_at: sunsetAt ?? null,
      replacement_model: replacement?.model ?? null,
      replacement_version: replacement?.version ?? null,
      message,
      deprecated_by: deprecatedBy,
    };
    await tx('deprecations')
      .insert({
        ...keyOf(thing),
        ...said,
        since: tx.raw('clock_timestamp()'),
      })
      .onConflict(['model', 'version'])
      .merge(said);
  }

  async remove(tx: Knex.Transaction, thing: DeprecatedThing): Promise<void> {
    await tx('deprecations').where(keyOf(thing)).delete();
  }
}

function keyOf({ model, version = WHOLE_MODEL }: DeprecatedThing) {
  return { model, version };
}

/**
 * The deprecation of each row of a query, as JSON in the column `deprecation`.
 *
 * @param of - the columns with the name of the model and the number of the version; without the latter, of the model as a whole
 */
export function selectDeprecation(
  knex: Knex,
  of: { model: string; version?: string },
): Knex.Raw {
  return knex.raw(
    `(select to_jsonb(d) from deprecations as d
      where d.model = ${of.model} and d.version = ${of.version ?? WHOLE_MODEL}
     ) as deprecation`,
  );
}

export function toDeprecation(stored: StoredDeprecation): Deprecation {
  const { sunset_at, replacement_model, replacement_version } = stored;
  return {
    since: new Date(stored.since).toISOString(),
    ...(sunset_at !== null && { sunsetAt: new Date(sunset_at).toISOString() }),
    ...(replacement_model !== null && {
      replacement: {
        model: replacement_model,
        ...(replacement_version !== null && { version: replacement_version }),
      },
    }),
    message: stored.message,
    deprecatedBy: stored.deprecated_by,
  };
}
