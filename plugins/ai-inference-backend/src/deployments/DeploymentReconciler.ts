import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  type AiRegistryClient,
  type Environment,
  ENVIRONMENTS,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { RolloutRecord } from '../rollouts/rollout';
import type { RolloutPublisher } from '../rollouts/RolloutPublisher';
import type { DeploymentChanger } from './DeploymentChanger';

const REGISTRY_TIMEOUT_MILLIS = 10_000;

export interface DeploymentReconcilerOptions {
  knex: Knex;
  registry: AiRegistryClient;
  auth: AuthService;
  changer: DeploymentChanger;
  publisher: RolloutPublisher;
  logger: LoggerService;
}

/** Compares what Git says should run with what does, and starts the rollouts between the two. */
export class DeploymentReconciler {
  readonly #options: DeploymentReconcilerOptions;

  constructor(options: DeploymentReconcilerOptions) {
    this.#options = options;
  }

  /** One pass over all environments. */
  async run(signal: AbortSignal): Promise<void> {
    const { auth } = this.#options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    for (const environment of ENVIRONMENTS) {
      if (signal.aborted) return;
      const timeout = AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS);
      const call = { token, signal: AbortSignal.any([signal, timeout]) };
      await this.#reconcile(environment, call);
    }
  }

  async #reconcile(
    environment: Environment,
    call: RequestOptions,
  ): Promise<void> {
    const { knex, registry, changer, publisher } = this.#options;
    const changed = await knex.transaction(async tx => {
      if (!(await takeTurn(tx, environment))) return [];
      const { items } = await registry.listDesiredDeployments(
        environment,
        call,
      );
      const rollouts: RolloutRecord[] = [];
      for (const desired of items) {
        try {
          rollouts.push(
            ...(await tx.transaction(savepoint =>
              changer.apply(savepoint, desired, call),
            )),
          );
        } catch (error) {
          this.#options.logger.error(
            `The change of '${desired.model}' in ${environment} to version ${desired.version} could not be started and will be tried again`,
            toError(error),
          );
        }
      }
      const wanted = new Set(items.map(({ model }) => model));
      const ended = await changer.withdraw(tx, environment, { wanted });
      return [...rollouts, ...ended];
    });
    await publisher.publish(changed);
  }
}

/** Held while Git's state is read, so that an older answer is never applied after a newer one. */
async function takeTurn(
  tx: Knex.Transaction,
  environment: Environment,
): Promise<boolean> {
  const { rows } = await tx.raw<{ rows: { taken: boolean }[] }>(
    'select pg_try_advisory_xact_lock(hashtext(?)) as taken',
    [`ai-inference/${environment}`],
  );
  return rows[0].taken;
}
