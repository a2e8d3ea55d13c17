import { NotFoundError } from '@backstage/errors';
import type {
  EnvironmentPods,
  PodLog,
} from '@greenroom/plugin-ai-inference-common';
import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { EnvironmentDeployer } from './createDeployers';
import type { PodLogQuery, PodReader } from './Deployer';

/** The pods of environments whose data planes a cluster runs. */
export class PodService implements PodReader {
  readonly #environments: Environments;
  readonly #deployers: Map<string, Pick<EnvironmentDeployer, 'deployer'>>;

  constructor(options: {
    environments: Environments;
    deployers: Map<string, Pick<EnvironmentDeployer, 'deployer'>>;
  }) {
    this.#environments = options.environments;
    this.#deployers = options.deployers;
  }

  async list(environment: string): Promise<EnvironmentPods> {
    return this.#readerOf(environment).list(environment);
  }

  async log(query: PodLogQuery): Promise<PodLog> {
    return this.#readerOf(query.environment).log(query);
  }

  #readerOf(environment: string): PodReader {
    const { deployer } = this.#environments.get(environment);
    const reader = this.#deployers.get(environment)?.deployer.pods;
    if (reader) return reader;
    throw new NotFoundError(
      `No cluster runs the data planes of ${environment}, so that they have no pods: its deployer in greenroom.environments is '${deployer.kind}', and not 'kubernetes'`,
    );
  }
}
