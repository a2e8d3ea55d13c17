import type {
  Deployment,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import {
  HEALTH_STATUSES,
  type ModelHealth,
} from '@greenroom/plugin-ai-monitoring-common';
import type { Model, Promotion } from '@greenroom/plugin-ai-registry-common';

/** A model in one environment; a model that runs nowhere has one row without it. */
export interface EstateRow {
  id: string;
  model: Pick<Model, 'name' | 'title'>;
  environment?: string;
  health?: ModelHealth;
  deployment?: Deployment;
}

const severityOf = ({ status }: ModelHealth) => HEALTH_STATUSES.indexOf(status);

/** Puts what three plugins know of the models together, the worst first. */
export function estateRows(
  models: Pick<Model, 'name' | 'title'>[],
  deployments: Deployment[],
  healths: ModelHealth[],
): EstateRow[] {
  const rows = models.flatMap((model): EstateRow[] => {
    const environments = new Set([
      ...deployments
        .filter(deployment => deployment.model === model.name)
        .map(deployment => deployment.environment as string),
      ...healths
        .filter(health => health.model === model.name)
        .map(health => health.environment),
    ]);
    if (environments.size === 0) return [{ id: model.name, model }];
    return [...environments].map(environment => ({
      id: `${model.name}/${environment}`,
      model,
      environment,
      health: healths.find(
        health =>
          health.model === model.name && health.environment === environment,
      ),
      deployment: deployments.find(
        deployment =>
          deployment.model === model.name &&
          deployment.environment === environment,
      ),
    }));
  });
  const severity = (row: EstateRow) =>
    row.health ? severityOf(row.health) : HEALTH_STATUSES.length;
  return rows.sort(
    (a, b) => severity(a) - severity(b) || a.id.localeCompare(b.id),
  );
}

/** Deployments that do not serve what they should everywhere, each once; what sleeps is well. */
export function unsettled(...lists: Deployment[][]): Deployment[] {
  const found = new Map<string, Deployment>();
  for (const deployment of lists.flat()) {
    const { environment, model, convergence } = deployment;
    const key = `${environment}/${model}`;
    const isSettled = ['serving', 'asleep'].includes(convergence.state);
    if (!isSettled && !found.has(key)) {
      found.set(key, deployment);
    }
  }
  return [...found.values()];
}

/** Who has to do something so that a promotion goes on. */
export type NextMove =
  | { who: 'you'; what: string }
  | { who: 'person'; entityRef: string; what: string }
  | { who: 'reviewer'; what: string }
  | { who: 'nobody'; what: string };

/** Whose turn it is with an open promotion. */
export function nextMove(promotion: Promotion, me: string): NextMove {
  const { state, requestedBy } = promotion;
  const requester = (what: string): NextMove =>
    requestedBy === me
      ? { who: 'you', what }
      : { who: 'person', entityRef: requestedBy, what };
  switch (state.phase) {
    case 'awaiting-review':
      return requestedBy === me
        ? {
            who: 'reviewer',
            what: 'has to review it: nobody approves their own',
          }
        : { who: 'you', what: 'can review it' };
    case 'blocked':
      return requester(
        state.failedGates.length === 1
          ? 'has to look at a failed gate'
          : `has to look at ${state.failedGates.length} failed gates`,
      );
    case 'failed':
      return requester('can try again: a step failed');
    case 'merging':
      return { who: 'nobody', what: 'Approved, being merged' };
    default:
      return { who: 'nobody', what: 'Gates are being checked' };
  }
}

/** Something that happened to the estate, newest first on the page. */
export interface Change {
  id: string;
  at: string;
  model: string;
  text: string;
  /** Entity ref. */
  by?: string;
  promotionId?: string;
}

/** Ends of promotions and rollouts, newest first. */
export function recentChanges(
  promotions: Promotion[],
  rollouts: Rollout[],
  limit = 8,
): Change[] {
  return [
    ...promotions.flatMap(changeOfPromotion),
    ...rollouts.map(changeOfRollout),
  ]
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, limit);
}

function changeOfPromotion(promotion: Promotion): Change[] {
  const { id, kind, model, version, environment, state } = promotion;
  const about = { id: `promotion/${id}`, model, promotionId: id };
  const what = `version ${version} ${
    kind === 'rollback' ? 'back in' : 'for'
  } ${environment}`;
  if (state.phase === 'rolling-out' || state.phase === 'completed') {
    return [
      {
        ...about,
        at: state.mergedAt,
        text:
          kind === 'rollback'
            ? `rolled back to version ${version} in ${environment}`
            : `version ${version} promoted to ${environment}`,
        by: promotion.reviews.at(-1)?.reviewer ?? promotion.requestedBy,
      },
    ];
  }
  if (state.phase === 'closed') {
    return [
      {
        ...about,
        at: state.closedAt,
        text: `${what} closed`,
        by: state.closedBy,
      },
    ];
  }
  return [
    {
      ...about,
      at: promotion.createdAt,
      text: `${what} requested`,
      by: promotion.requestedBy,
    },
  ];
}

function changeOfRollout(rollout: Rollout): Change {
  const { id, model, toVersion, environment, state, promotionId } = rollout;
  const about = { id: `rollout/${id}`, model, promotionId };
  const what = `version ${toVersion} in ${environment}`;
  switch (state.phase) {
    case 'completed':
      return {
        ...about,
        at: state.completedAt,
        text: `${what} has all the traffic`,
      };
    case 'superseded':
      return {
        ...about,
        at: state.supersededAt,
        text: `rollout of ${what} gave way to a newer one`,
      };
    case 'rejected':
      return {
        ...about,
        at: state.rejectedAt,
        text: `${what} was taken back: ${state.reason}`,
      };
    default:
      return {
        ...about,
        at: rollout.startedAt,
        text: `rollout of ${what} started`,
      };
  }
}
