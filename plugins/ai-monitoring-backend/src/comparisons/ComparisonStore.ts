import { insertMany } from '@greenroom/ai-node';
import type { DdSketch } from '@greenroom/ml-kit';
import type { Comparison } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import {
  type ComparedArm,
  type ComparedState,
  type KnownBefore,
  UNIT_LIMIT,
} from './comparedState';
import { type ComparisonAddition, countAddition } from './countRequests';
import type { UnitSums } from './unitSums';
import { UnitStore } from './UnitStore';

interface ComparisonRow {
  id: string;
  environment: string;
  model: string;
  rollout_id: string | null;
  plan: Comparison | null;
  known_before: KnownBefore | null;
  thresholds_micros: Record<string, number>;
  /** bigint arrives as text, here and below. */
  unit_limit: string;
  uncounted: string;
  copies_left_out: string;
  last_record_at: Date;
}

interface ArmRow {
  comparison: string;
  version: number;
  requests: string;
  units_with_id: string;
  units_without_id: string;
  latency_micros: DdSketch;
  with_id: Record<string, UnitSums>;
  without_id: Record<string, UnitSums>;
}

/** A comparison with what was known when it was heard of first. */
export interface LearntComparison {
  comparison: Comparison;
  knownBefore: KnownBefore;
  thresholdsMicros: Record<string, number>;
}

/** Comparisons of one rollout that are read together: adaptive shares make one after the other. */
const MOST_OF_ROLLOUT = 100;

const ROW_COLUMNS = {
  id: 'text',
  environment: 'text',
  model: 'text',
  thresholds_micros: 'json',
  unit_limit: 'bigint',
  uncounted: 'bigint',
  copies_left_out: 'bigint',
  last_record_at: 'timestamptz',
};

/** What was counted of versions that are compared. */
export class ComparisonStore {
  readonly #knex: Knex;
  readonly #units: UnitStore;

  constructor(options: {
    knex: Knex;
    /** Callers that are kept of one comparison; beyond, a sample of them. */
    maxUnits: number;
  }) {
    this.#knex = options.knex;
    this.#units = new UnitStore(options);
  }

  /** Keeps the plan of a comparison that was not known; the first one stays. */
  async learn(learnt: LearntComparison, now: Date): Promise<void> {
    const { comparison, knownBefore, thresholdsMicros } = learnt;
    const plan = {
      rollout_id: comparison.rolloutId,
      plan: JSON.stringify(comparison),
      known_before: JSON.stringify(knownBefore),
      thresholds_micros: JSON.stringify(thresholdsMicros),
    };
    await this.#knex('comparisons')
      .insert({ ...emptyRow(comparison, now), ...plan })
      .onConflict('id')
      .merge(plan)
      .whereNull('comparisons.plan');
  }

  /** @returns undefined for one that is not known, or whose plan is not known yet */
  async findPlan(
    id: string,
  ): Promise<Omit<LearntComparison, 'knownBefore'> | undefined> {
    const row: ComparisonRow | undefined = await this.#knex<ComparisonRow>(
      'comparisons',
    )
      .where({ id })
      .first();
    if (!row?.plan) return undefined;
    return { comparison: row.plan, thresholdsMicros: row.thresholds_micros };
  }

  /** Keeps from which latency on a request is slow; what is known already stays. */
  async addThresholds(
    id: string,
    thresholdsMicros: Record<string, number>,
  ): Promise<void> {
    await this.#knex.transaction(async tx => {
      const row = await tx<ComparisonRow>('comparisons')
        .where({ id })
        .forUpdate()
        .first();
      if (!row) return;
      const all = { ...thresholdsMicros, ...row.thresholds_micros };
      await tx('comparisons')
        .where({ id })
        .update({ thresholds_micros: JSON.stringify(all) });
    });
  }

  /**
   * Counts what a batch adds to comparisons, in its transaction. Those that add to the same
   * comparison wait for each other, in the order of their ids, so that sums over callers are exact.
   */
  async count(
    tx: Knex.Transaction,
    additions: Map<string, ComparisonAddition>,
    source: { environment: string; models: Map<string, string>; now: Date },
  ): Promise<void> {
    const ids = [...additions.keys()].sort();
    if (ids.length === 0) return;
    const { environment, models, now } = source;
    await insertMany(tx, {
      table: 'comparisons',
      columns: ROW_COLUMNS,
      rows: ids.map(id =>
        emptyRow({ id, environment, model: models.get(id) ?? '' }, now),
      ),
      onConflict: { columns: ['id'], merge: [] },
    });
    for (const id of ids) {
      const addition = additions.get(id);
      if (addition) await this.#countOne(tx, { id, addition, ...source });
    }
  }

  async #countOne(
    tx: Knex.Transaction,
    options: {
      id: string;
      addition: ComparisonAddition;
      environment: string;
      models: Map<string, string>;
      now: Date;
    },
  ): Promise<void> {
    const { id, addition, environment, models, now } = options;
    const row = await tx<ComparisonRow>('comparisons')
      .where({ id })
      .forUpdate()
      .first();
    if (!row) return;
    const { plan } = row;
    const isOfPlan =
      plan?.environment === environment && plan.model === models.get(id);
    const state = plan && isOfPlan && (await readState(tx, row));
    if (!state) {
      const uncounted = Number(row.uncounted) + weightOf(addition);
      await tx('comparisons')
        .where({ id })
        .update({ uncounted, last_record_at: now });
      return;
    }
    const units = countAddition(state, addition);
    await this.#units.add(tx, state, units);
    await saveArms(tx, state);
    await tx('comparisons')
      .where({ id })
      .update({
        thresholds_micros: JSON.stringify(state.thresholdsMicros),
        unit_limit: state.unitLimit,
        uncounted: state.uncounted,
        copies_left_out: state.copiesLeftOut,
        last_record_at: now,
      });
  }

  /** @returns undefined for one that is not known, or whose plan is not known yet */
  async find(id: string): Promise<ComparedState | undefined> {
    return this.#knex.transaction(
      async tx => {
        const row = await tx<ComparisonRow>('comparisons')
          .where({ id })
          .first();
        return row && readState(tx, row);
      },
      { isolationLevel: 'repeatable read', readOnly: true },
    );
  }

  /** The other comparisons of the same rollout, since it was begun, that compare the same versions; the newest 100. */
  async listOthers({ comparison }: ComparedState): Promise<ComparedState[]> {
    const rows: ComparisonRow[] = await this.#knex<ComparisonRow>('comparisons')
      .where({ rollout_id: comparison.rolloutId })
      .whereNot({ id: comparison.id })
      .orderBy('last_record_at', 'desc')
      .limit(MOST_OF_ROLLOUT);
    const states = await Promise.all(
      rows.map(row => readState(this.#knex, row)),
    );
    const versions = versionsOf(comparison);
    return states.flatMap(state =>
      state &&
      !state.comparison.isShadow &&
      numberOf(state.comparison) >= (comparison.first ?? 1) &&
      versionsOf(state.comparison) === versions
        ? [state]
        : [],
    );
  }

  /** Comparisons that something was counted of since then, those of longest ago first. */
  async listCountedSince(
    since: Date,
    limit: number,
  ): Promise<{ id: string; startedAt: string }[]> {
    const rows: ComparisonRow[] = await this.#knex<ComparisonRow>('comparisons')
      .whereNotNull('plan')
      .where('last_record_at', '>=', since)
      .orderBy(['last_record_at', 'id'])
      .limit(limit);
    return rows.flatMap(({ id, plan }) =>
      plan ? [{ id, startedAt: plan.startedAt }] : [],
    );
  }

  /** Forgets those of which nothing was counted lately, with all that is known of them. */
  async forgetBefore(before: Date): Promise<void> {
    await this.#knex('comparisons')
      .where('last_record_at', '<', before)
      .delete();
  }
}

function emptyRow(
  {
    id,
    environment,
    model,
  }: { id: string; environment: string; model: string },
  now: Date,
) {
  return {
    id,
    environment,
    model,
    thresholds_micros: {},
    unit_limit: UNIT_LIMIT,
    uncounted: 0,
    copies_left_out: 0,
    last_record_at: now,
  };
}

/** `<rolloutId>.<number>` */
function numberOf({ id }: Comparison): number {
  return Number(id.slice(id.lastIndexOf('.') + 1));
}

function versionsOf({ control, variants }: Comparison): string {
  return JSON.stringify([control, variants.map(({ version }) => version)]);
}

function weightOf({ requests, outcomes, uncounted }: ComparisonAddition) {
  const counting = requests.filter(({ unit }) => unit >= 0).length;
  return counting + outcomes.length + uncounted;
}

async function readState(
  knex: Knex,
  row: ComparisonRow,
): Promise<ComparedState | undefined> {
  if (!row.plan || !row.known_before) return undefined;
  const arms: ArmRow[] = await knex<ArmRow>('comparison_arms')
    .where({ comparison: row.id })
    .orderBy('version');
  return {
    comparison: row.plan,
    knownBefore: row.known_before,
    thresholdsMicros: row.thresholds_micros,
    unitLimit: Number(row.unit_limit),
    arms: arms.map(toArm),
    uncounted: Number(row.uncounted),
    copiesLeftOut: Number(row.copies_left_out),
  };
}

function toArm(row: ArmRow): ComparedArm {
  return {
    version: row.version,
    requests: Number(row.requests),
    unitsWithId: Number(row.units_with_id),
    unitsWithoutId: Number(row.units_without_id),
    latencyMicros: row.latency_micros,
    withId: row.with_id,
    withoutId: row.without_id,
  };
}

async function saveArms(
  tx: Knex.Transaction,
  { comparison, arms }: ComparedState,
): Promise<void> {
  await insertMany(tx, {
    table: 'comparison_arms',
    columns: {
      comparison: 'text',
      version: 'integer',
      requests: 'bigint',
      units_with_id: 'bigint',
      units_without_id: 'bigint',
      latency_micros: 'json',
      with_id: 'json',
      without_id: 'json',
    },
    rows: arms.map(arm => ({
      comparison: comparison.id,
      version: arm.version,
      requests: arm.requests,
      units_with_id: arm.unitsWithId,
      units_without_id: arm.unitsWithoutId,
      latency_micros: arm.latencyMicros,
      with_id: arm.withId,
      without_id: arm.withoutId,
    })),
    onConflict: {
      columns: ['comparison', 'version'],
      merge: [
        'requests',
        'units_with_id',
        'units_without_id',
        'latency_micros',
        'with_id',
        'without_id',
      ],
    },
  });
}
