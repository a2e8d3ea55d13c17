import { type BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { DataPlaneRepair } from '@greenroom/plugin-ai-inference-common';
import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { InferenceChanges } from '../events/announcement';
import type { EnvironmentDeployer } from './createDeployers';

/** Puts right what somebody has changed of what the control plane has made in a cluster. */
export class RepairService {
  readonly #environments: Environments;
  readonly #deployers: Map<string, Pick<EnvironmentDeployer, 'deployer'>>;
  readonly #changes: InferenceChanges;

  constructor(options: {
    environments: Environments;
    deployers: Map<string, Pick<EnvironmentDeployer, 'deployer'>>;
    changes: InferenceChanges;
  }) {
    this.#environments = options.environments;
    this.#deployers = options.deployers;
    this.#changes = options.changes;
  }

  /**
   * @throws ConflictError where no cluster runs the environment's data planes
   * @throws ServiceUnavailableError where the cluster does not take it, with its words
   */
  async repair(
    environment: string,
    { credentials }: { credentials: BackstageCredentials },
  ): Promise<DataPlaneRepair> {
    const { deployer: settings } = this.#environments.get(environment);
    const deployer = this.#deployers.get(environment)?.deployer;
    if (!deployer?.repair) {
      throw new ConflictError(
        `No cluster runs the data planes of ${environment}, so that nobody can change them there: its deployer in greenroom.environments is '${settings.kind}', and not 'kubernetes'`,
      );
    }
    // Before: what was changed in a cluster cannot be taken back with a transaction.
    await this.#changes.transaction(tx =>
      this.#changes.record(tx, {
        action: 'data-plane-repair-asked',
        actor: userRefOf(credentials),
        environment,
        announce: [],
      }),
    );
    try {
      return { repaired: await deployer.repair(environment) };
    } catch (error) {
      throw new ServiceUnavailableError(
        `What somebody has changed of the data planes of ${environment} could not be put right, or not all of it: ${
          toError(error).message
        }`,
      );
    }
  }
}
