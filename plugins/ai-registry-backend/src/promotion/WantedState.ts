import type {
  DesiredDeployment,
  Environment,
} from '@greenroom/plugin-ai-registry-common';
import type { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import type { EnvironmentReconciler } from '../environments/EnvironmentReconciler';
import type { ServingState } from '../environments/ServingState';

/** What Git asks for, as opposed to what the data planes serve. */
export class WantedState {
  readonly #reconciler: EnvironmentReconciler;
  readonly #deployments: DesiredDeploymentStore;
  readonly #serving: ServingState;

  constructor(options: {
    reconciler: EnvironmentReconciler;
    deployments: DesiredDeploymentStore;
    serving: ServingState;
  }) {
    this.#reconciler = options.reconciler;
    this.#deployments = options.deployments;
    this.#serving = options.serving;
  }

  /** After main has been applied. */
  async find(place: {
    model: string;
    environment: Environment;
  }): Promise<DesiredDeployment | undefined> {
    await this.#reconciler.reconcile();
    return this.#deployments.find(place);
  }

  /** Why a version need not be asked for again: Git asks for it, and it serves or is on its way. */
  async describe(wanted: DesiredDeployment): Promise<string> {
    const { environment, model, version, commit } = wanted;
    const serving = await this.#serving
      .find({ environment, model })
      .catch(() => undefined);
    if (serving?.commit === commit && serving.state === 'serving') {
      return `${environment} runs version ${version} of '${model}' already`;
    }
    const why =
      serving?.commit === commit && serving.reason ? `: ${serving.reason}` : '';
    return `${environment} is meant to run version ${version} of '${model}' already, since commit ${commit.slice(
      0,
      12,
    )}, and is not there yet${why}. It goes on by itself; Inference shows how far it is, and has a button to try at once`;
  }
}
