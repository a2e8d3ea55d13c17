import { toError } from '@backstage/errors';
import type {
  AiRegistryClient,
  DesiredDeployment,
  RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { VersionCopy } from './VersionCopyStore';

/** The facts of a version, or why there are none. */
export type FoundVersion = VersionCopy | { error: string };

/**
 * Reads what a data plane must know of the version that a manifest names.
 *
 * @returns an error in words when the version cannot be served as things are
 */
export async function findVersionCopy(options: {
  registry: AiRegistryClient;
  desired: Pick<DesiredDeployment, 'model' | 'version' | 'digest'>;
  call: RequestOptions;
}): Promise<FoundVersion> {
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
    return {
      error: isNotFound(error)
        ? `The registry has no version ${version} of '${model}': register it, or correct the version in the manifest`
        : `The registry could not be asked for version ${version} of '${model}': ${
            toError(error).message
          }`,
    };
  }
}

function isNotFound(error: unknown): boolean {
  const { statusCode } = toError(error) as { statusCode?: number };
  return statusCode === 404;
}
