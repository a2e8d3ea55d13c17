import { insertMany } from '@greenroom/ai-node';
import type { Knex } from 'knex';
import { plannedKeys } from './comparedPlan';
import type { ComparedState } from './comparedState';
import {
  addToUnits,
  halved,
  sampleUnits,
  type UnitAdditions,
} from './countRequests';
import { emptyTally, TALLY_NUMBERS, type UnitTally } from './unitSums';

interface UnitRow {
  comparison: string;
  version: number;
  /** bigint arrives as text. */
  unit: string;
  tallies: number[];
}

type Tallies = Map<string, UnitTally>;

/** What each caller met, so that callers and not requests are what is compared. */
export class UnitStore {
  readonly #maxUnits: number;

  constructor(options: { maxUnits: number }) {
    this.#maxUnits = options.maxUnits;
  }

  /** Adds to units, and to the sums of the state over them. Its comparison is locked. */
  async add(
    tx: Knex.Transaction,
    state: ComparedState,
    additions: UnitAdditions,
  ): Promise<void> {
    const keys = plannedKeys(state.comparison);
    const { id } = state.comparison;
    if (additions.size === 0) return;
    const known = await findUnits(tx, { id, keys, additions });
    const counted = addToUnits(state, additions, (version, unit) =>
      known.get(`${version}/${unit}`),
    );
    await insertMany(tx, {
      table: 'comparison_units',
      columns: {
        comparison: 'text',
        version: 'integer',
        unit: 'bigint',
        tallies: 'float8[]',
      },
      // In one order, as everything that several may write at the same time.
      rows: counted.map(({ version, unit, tallies }) => ({
        comparison: id,
        version,
        unit,
        tallies: pack(tallies, keys),
      })),
      onConflict: {
        columns: ['comparison', 'version', 'unit'],
        merge: ['tallies'],
      },
    });
    await this.#sample(tx, state, keys);
  }

  /** Keeps half of the callers, and half of these, until no more are kept than may be. */
  async #sample(
    tx: Knex.Transaction,
    state: ComparedState,
    keys: string[],
  ): Promise<void> {
    const { id: comparison } = state.comparison;
    const kept = () =>
      state.arms.reduce((all, { unitsWithId }) => all + unitsWithId, 0);
    while (kept() > this.#maxUnits && state.unitLimit > 2) {
      state.unitLimit = halved(state.unitLimit);
      await tx('comparison_units')
        .where({ comparison })
        .where('unit', '>=', state.unitLimit)
        .delete();
      const left: UnitRow[] = await tx<UnitRow>('comparison_units').where({
        comparison,
      });
      sampleUnits(
        state,
        left.map(({ version, tallies }) => ({
          version,
          tallies: unpack(tallies, keys),
        })),
      );
    }
  }
}

async function findUnits(
  tx: Knex.Transaction,
  options: {
    id: string;
    keys: string[];
    additions: UnitAdditions;
  },
): Promise<Map<string, Tallies>> {
  const { id, keys, additions } = options;
  const units = [...additions].flatMap(([version, hashes]) =>
    [...hashes.keys()].map(unit => ({ version, unit })),
  );
  const { rows } = await tx.raw<{ rows: UnitRow[] }>(
    `select version, unit, tallies from comparison_units
     join unnest(?::integer[], ?::bigint[]) as given (version, unit)
       using (version, unit)
     where comparison = ?`,
    [units.map(({ version }) => version), units.map(({ unit }) => unit), id],
  );
  return new Map(
    rows.map(({ version, unit, tallies }) => [
      `${version}/${unit}`,
      unpack(tallies, keys),
    ]),
  );
}

function pack(tallies: Tallies, keys: string[]): number[] {
  return keys.flatMap(key => {
    const { n, sum, covariates, covariateSum } =
      tallies.get(key) ?? emptyTally();
    return [n, sum, covariates, covariateSum];
  });
}

function unpack(numbers: number[], keys: string[]): Tallies {
  return new Map(
    keys.map((key, index) => {
      const at = index * TALLY_NUMBERS;
      const [n, sum, covariates, covariateSum] = numbers.slice(at);
      return [key, { n, sum, covariates, covariateSum }];
    }),
  );
}
