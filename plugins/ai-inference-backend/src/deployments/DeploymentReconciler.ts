import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  type AiRegistryClient,
  type Environment,
  type Environments,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { InferenceChanges } from '../events/announcement';
import { forEachConcurrently } from '../concurrency';
import type { RolloutRecord } from '../rollouts/rollout';
import { logRollout } from '../rollouts/rolloutChange';
import type { DeprecationCopyStore } from '../deprecations/DeprecationCopyStore';
import type { DeploymentChanger } from './DeploymentChanger';
import type { DeploymentStore } from './DeploymentStore';
import { planReconcile } from './planReconcile';
import { LostTurnError, type Turn, type TurnStore } from './TurnStore';

const REGISTRY_TIMEOUT_MILLIS = 10_000;
/** Well before a turn of 30 seconds ends. */
const RENEW_AFTER_MILLIS = 10_000;
/** Deployments that are changed at the same time; each takes a database connection. */
const CONCURRENT_CHANGES = 4;

export interface DeploymentReconcilerOptions {
  changes: InferenceChanges;
  environments: Environments;
  registry: AiRegistryClient;
  auth: AuthService;
  changer: DeploymentChanger;
  deployments: DeploymentStore;
  deprecationCopies: Pick<DeprecationCopyStore, 'keep'>;
  turns: TurnStore;
  logger: LoggerService;
  clock: () => Date;
  /** Called when something was changed that a rollout may go on with. */
  onChanged(): void;
}

/**
 * Compares what Git says should run with what does, and starts the rollouts between the two.
 * Each deployment is changed in a transaction of its own; what is unchanged is not touched.
 */
export class DeploymentReconciler {
  readonly #options: DeploymentReconcilerOptions;

  constructor(options: DeploymentReconcilerOptions) {
    this.#options = options;
  }

  /** One pass over all environments. */
  async run(signal: AbortSignal): Promise<void> {
    for (const environment of this.#options.environments.names) {
      if (signal.aborted) return;
      const turn = await this.#options.turns.take(environment);
      if (!turn) continue;
      try {
        await this.#reconcile(environment, { turn, signal });
      } catch (error) {
        if (!(error instanceof LostTurnError)) throw error;
        this.#options.logger.warn(error.message);
      } finally {
        await this.#options.turns.giveBack(turn);
      }
    }
  }

  async #reconcile(
    environment: Environment,
    { turn, signal }: { turn: Turn; signal: AbortSignal },
  ): Promise<void> {
    const { registry, deployments, changer, turns, clock } = this.#options;
    const { items: desired, deprecations } =
      await registry.listDesiredDeployments(
        environment,
        await this.#call(signal),
      );
    const stored = await deployments.listSummaries(environment);
    const plan = planReconcile({ desired, stored, now: clock() });
    const work = [
      ...plan.toApply.map(item => ({
        what: `The change of '${item.model}' in ${environment} to version ${item.version}`,
        prepare: async () =>
          changer.prepare(item, await this.#call(signal), signal),
      })),
      ...plan.toWithdraw.map(model => ({
        what: `The end of '${model}' in ${environment}`,
        prepare: async () => (tx: Knex.Transaction) =>
          changer.withdraw(tx, { environment, model }),
      })),
    ];
    if (deprecations) {
      await this.#options.deprecationCopies.keep(
        desired.map(({ model }) => model),
        deprecations,
      );
    }
    let renewedAtMillis = Date.now();
    await forEachConcurrently(work, CONCURRENT_CHANGES, async item => {
      if (signal.aborted) return;
      if (Date.now() - renewedAtMillis > RENEW_AFTER_MILLIS) {
        renewedAtMillis = Date.now();
        await turns.renew(turn);
      }
      await this.#change(item, turn);
    });
  }

  /** One that cannot be changed holds up no other. */
  async #change(
    item: {
      what: string;
      prepare(): Promise<(tx: Knex.Transaction) => Promise<RolloutRecord[]>>;
    },
    turn: Turn,
  ): Promise<void> {
    const { changes, turns, logger, onChanged } = this.#options;
    try {
      const change = await item.prepare();
      const changed = await changes.transaction(async tx => {
        await turns.hold(tx, turn);
        return change(tx);
      });
      if (changed.length > 0) {
        onChanged();
        changed.forEach(rollout => logRollout(logger, rollout));
      }
    } catch (error) {
      if (error instanceof LostTurnError) throw error;
      logger.error(
        `${item.what} could not be started and will be tried again`,
        toError(error),
      );
    }
  }

  async #call(signal: AbortSignal): Promise<RequestOptions> {
    const { auth } = this.#options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    const timeout = AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS);
    return { token, signal: AbortSignal.any([signal, timeout]) };
  }
}
