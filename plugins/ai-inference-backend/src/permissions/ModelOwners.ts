import type { AuthService } from '@backstage/backend-plugin-api';
import { isError, ServiceUnavailableError } from '@backstage/errors';
import {
  type AiRegistryClient,
  parsePlaceRef,
} from '@greenroom/plugin-ai-registry-common';
import { forEachConcurrently } from '../concurrency';
import type { DeploymentResource } from './deploymentPermissions';

const REGISTRY_TIMEOUT_MILLIS = 10_000;
/** An owner that changed counts after this time at the latest. */
const REMEMBERED_MILLIS = 5_000;
const MAX_REMEMBERED = 10_000;
const CONCURRENT_LOOKUPS = 4;

/** Stands in a place for the environment as a whole. */
const ALL_MODELS = '*';
/** No claim of anybody is this. */
const NOBODY = '';

export interface ModelOwnersOptions {
  registry: Pick<AiRegistryClient, 'getModel'>;
  auth: AuthService;
  clock: () => Date;
}

/** Who owns models, as the registry says. Remembered for seconds: each call of a model asks. */
export class ModelOwners {
  readonly #options: ModelOwnersOptions;
  readonly #known = new Map<string, { owner: string; asOfMillis: number }>();

  constructor(options: ModelOwnersOptions) {
    this.#options = options;
  }

  /** Undefined where there is no such model; `*` for all of an environment is nobody's. Throws a ServiceUnavailableError when the registry does not answer. */
  async findDeployments(
    refs: string[],
  ): Promise<(DeploymentResource | undefined)[]> {
    const places = refs.map(parsePlaceRef);
    const named = places.flatMap(place => place?.model ?? []);
    const models = [...new Set(named)].filter(model => model !== ALL_MODELS);
    const owners = new Map<string, string>([[ALL_MODELS, NOBODY]]);
    await forEachConcurrently(models, CONCURRENT_LOOKUPS, async model => {
      const owner = await this.find(model);
      if (owner !== undefined) owners.set(model, owner);
    });
    return places.map(place => {
      const owner = place && owners.get(place.model);
      return owner === undefined ? undefined : { ...place!, owner };
    });
  }

  /** Undefined when there is no such model. */
  async find(model: string): Promise<string | undefined> {
    const nowMillis = this.#options.clock().getTime();
    const known = this.#known.get(model);
    if (known && nowMillis - known.asOfMillis < REMEMBERED_MILLIS) {
      return known.owner;
    }
    this.#known.delete(model);
    const owner = await this.#ask(model);
    if (owner === undefined) return undefined;
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(model, { owner, asOfMillis: nowMillis });
    return owner;
  }

  async #ask(model: string): Promise<string | undefined> {
    const { auth, registry } = this.#options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'ai-registry',
    });
    const signal = AbortSignal.timeout(REGISTRY_TIMEOUT_MILLIS);
    try {
      return (await registry.getModel(model, { token, signal })).owner;
    } catch (error) {
      if (isError(error) && 'statusCode' in error && error.statusCode === 404) {
        return undefined;
      }
      throw new ServiceUnavailableError(
        `The registry does not answer, so that nobody can tell who owns '${model}': try again later`,
        error,
      );
    }
  }
}
