import { toError } from '@backstage/errors';
import type {
  AiRegistryClient,
  DesiredDeployment,
  RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { ServedVersion } from './ServedVersionStore';

/**
 * Reads what a data plane must know of the version that a manifest names.
 *
 * @returns an error in words when the version cannot be served, whatever is tried again
 * @throws when the registry could not answer
 */
export async function findServedVersion(options: {
  registry: AiRegistryClient;
  desired: Pick<DesiredDeployment, 'model' | 'version' | 'digest'>;
  call: RequestOptions;
}): Promise<ServedVersion | { error: string }> {
  const { model, version, digest } = options.desired;
  try {
    const found = await options.registry.getVersion(
      model,
      version,
      options.call,
    );
    return found.digest === digest
      ? found
      : {
          error: `The manifest says that version ${version} of '${model}' is ${digest}, but the registry has ${found.digest}: correct the digest in the manifest`,
        };
  } catch (error) {
    if (!isNotFound(error)) {
      throw error;
    }
    return {
      error: `The registry has no version ${version} of '${model}': register it, then change the manifest again`,
    };
  }
}

function isNotFound(error: unknown): boolean {
  const { statusCode } = toError(error) as { statusCode?: number };
  return statusCode === 404;
}
