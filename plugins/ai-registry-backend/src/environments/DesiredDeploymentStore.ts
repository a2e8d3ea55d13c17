import type {
  DesiredDeployment,
  EnvironmentProblem,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';

type DeploymentRow = {
  environment: DesiredDeployment['environment'];
  model: string;
  version: number;
  digest: string;
  rollout: DesiredDeployment['rollout'];
  rollback_to: DesiredDeployment['rollbackTo'] | null;
  ran_before: DesiredDeployment['rollbackTo'] | null;
  batching: DesiredDeployment['batching'] | null;
  placement: DesiredDeployment['placement'] | null;
  response_cache: DesiredDeployment['responseCache'] | null;
  loading: DesiredDeployment['loading'] | null;
  language_model: DesiredDeployment['languageModel'] | null;
  analysis: DesiredDeployment['analysis'] | null;
  outcomes: DesiredDeployment['outcomes'] | null;
  recent_rows: boolean;
  automated_promotion: DesiredDeployment['automatedPromotion'] | null;
  commit: string;
  promotion_id: string | null;
  kind: DesiredDeployment['kind'];
  changed_at: Date;
  changed_by: string;
};

/** A manifest as it was applied, with what the registry knows besides. */
export interface AppliedDeployment extends DesiredDeployment {
  /** What it took the place of, whatever the manifest says. */
  ranBefore?: { version: number; digest: string };
}

type ProblemRow = Omit<EnvironmentProblem, 'since'> & { since: Date };

const DEPLOYMENTS = 'environment_deployments';
const PROBLEMS = 'environment_problems';
const REVISION = 'environment_revision';

/** What was applied of the environments repository, up to which revision, and what could not be. */
export class DesiredDeploymentStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Sorted by model. */
  async list(
    where: { environment?: string; model?: string } = {},
    tx: Knex = this.#knex,
  ): Promise<AppliedDeployment[]> {
    const rows: DeploymentRow[] = await tx(DEPLOYMENTS)
      .where(where)
      .orderBy('model');
    return rows.map(toDeployment);
  }

  /** Of these models, in all environments. */
  async listOf(models: string[]): Promise<AppliedDeployment[]> {
    const rows: DeploymentRow[] = await this.#knex(DEPLOYMENTS).whereRaw(
      'model = any(?)',
      [models],
    );
    return rows.map(toDeployment);
  }

  /** Of these models, in all environments. */
  async problemsOf(models: string[]): Promise<EnvironmentProblem[]> {
    const rows: ProblemRow[] = await this.#knex(PROBLEMS).whereRaw(
      'model = any(?)',
      [models],
    );
    return rows.map(row => ({ ...row, since: row.since.toISOString() }));
  }

  /** What one environment runs of a model. */
  async find({
    environment,
    model,
  }: {
    environment: string;
    model: string;
  }): Promise<DesiredDeployment | undefined> {
    const [applied] = await this.list({ environment, model });
    return applied && toDesired(applied);
  }

  /** Sorted by path. */
  async problems(
    where: { environment?: string; model?: string } = {},
  ): Promise<EnvironmentProblem[]> {
    const rows: ProblemRow[] = await this.#knex(PROBLEMS)
      .where(where)
      .orderBy('path');
    return rows.map(row => ({ ...row, since: row.since.toISOString() }));
  }

  /** Newest revision that was applied; undefined before the first. */
  async appliedRevision(): Promise<string | undefined> {
    const row = await this.#knex(REVISION).where({ branch: 'main' }).first();
    return row?.revision ?? undefined;
  }

  /** Locks the applied revision, so that one writer at a time moves it on. */
  async lockRevision(tx: Knex.Transaction): Promise<string | undefined> {
    const row = await tx(REVISION)
      .where({ branch: 'main' })
      .forUpdate()
      .first();
    return row?.revision ?? undefined;
  }

  async setRevision(tx: Knex.Transaction, revision: string): Promise<void> {
    await tx(REVISION)
      .where({ branch: 'main' })
      .update({ revision, applied_at: tx.fn.now() });
  }

  async put(
    tx: Knex.Transaction,
    deployment: AppliedDeployment,
  ): Promise<void> {
    const { rollbackTo, ranBefore, batching, placement } = deployment;
    const { responseCache, loading, languageModel } = deployment;
    const { analysis, outcomes, recentRows, automatedPromotion } = deployment;
    await tx(DEPLOYMENTS)
      .insert({
        environment: deployment.environment,
        model: deployment.model,
        version: deployment.version,
        digest: deployment.digest,
        rollout: JSON.stringify(deployment.rollout),
        rollback_to: rollbackTo ? JSON.stringify(rollbackTo) : null,
        ran_before: ranBefore ? JSON.stringify(ranBefore) : null,
        batching: batching ? JSON.stringify(batching) : null,
        placement: placement ? JSON.stringify(placement) : null,
        response_cache: responseCache ? JSON.stringify(responseCache) : null,
        loading: loading ? JSON.stringify(loading) : null,
        language_model: languageModel ? JSON.stringify(languageModel) : null,
        analysis: analysis ? JSON.stringify(analysis) : null,
        outcomes: outcomes ? JSON.stringify(outcomes) : null,
        recent_rows: recentRows ?? false,
        automated_promotion: automatedPromotion
          ? JSON.stringify(automatedPromotion)
          : null,
        commit: deployment.commit,
        promotion_id: deployment.promotionId ?? null,
        kind: deployment.kind,
        changed_at: deployment.changedAt,
        changed_by: deployment.changedBy,
      })
      .onConflict(['environment', 'model'])
      .merge();
  }

  /** Pushed manifests whose rollouts were not followed to their end, those looked at longest ago first. */
  async listUnfollowed(limit: number): Promise<AppliedDeployment[]> {
    const rows: DeploymentRow[] = await this.#knex(DEPLOYMENTS)
      .where({ kind: 'push' })
      .whereRaw('followed_commit is distinct from commit')
      .orderByRaw('looked_at nulls first')
      .limit(limit);
    return rows.map(toDeployment);
  }

  /** Nothing of it counts when another commit was applied meanwhile. */
  async noteLook(
    { environment, model, commit }: AppliedDeployment,
    { hasEnded }: { hasEnded: boolean },
  ): Promise<void> {
    await this.#knex(DEPLOYMENTS)
      .where({ environment, model, commit })
      .update({
        looked_at: this.#knex.fn.now(),
        ...(hasEnded && { followed_commit: commit }),
      });
  }

  async remove(
    tx: Knex.Transaction,
    place: { environment: string; model: string },
  ): Promise<void> {
    const { environment, model } = place;
    await tx(DEPLOYMENTS).where({ environment, model }).delete();
  }

  /** Keeps exactly these problems; one that stays keeps the moment it was first seen. */
  async replaceProblems(
    tx: Knex.Transaction,
    problems: Omit<EnvironmentProblem, 'since'>[],
  ): Promise<void> {
    const paths = problems.map(problem => problem.path);
    await tx(PROBLEMS).whereRaw('not path = any(?)', [paths]).delete();
    for (const problem of problems) {
      await tx(PROBLEMS).insert(problem).onConflict('path').merge();
    }
  }
}

/** What the others are told: the way back is there also when nobody wrote it down. */
export function toDesired(applied: AppliedDeployment): DesiredDeployment {
  const { ranBefore, ...desired } = applied;
  return { ...desired, rollbackTo: desired.rollbackTo ?? ranBefore };
}

function toDeployment(row: DeploymentRow): AppliedDeployment {
  return {
    environment: row.environment,
    model: row.model,
    version: row.version,
    digest: row.digest,
    rollout: row.rollout,
    rollbackTo: row.rollback_to ?? undefined,
    ranBefore: row.ran_before ?? undefined,
    batching: row.batching ?? undefined,
    placement: row.placement ?? undefined,
    responseCache: row.response_cache ?? undefined,
    loading: row.loading ?? undefined,
    languageModel: row.language_model ?? undefined,
    analysis: row.analysis ?? undefined,
    outcomes: row.outcomes ?? undefined,
    recentRows: row.recent_rows || undefined,
    automatedPromotion: row.automated_promotion ?? undefined,
    commit: row.commit,
    promotionId: row.promotion_id ?? undefined,
    kind: row.kind,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  };
}
