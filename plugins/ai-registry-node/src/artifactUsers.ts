import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { Digest } from '@greenroom/plugin-ai-registry-common';

/**
 * Somebody else than the registry who keeps files in its artifact store, and so has to be asked before
 * one is removed.
 */
export interface ArtifactUser {
  /** What it is called in the log and in reports, such as `ai-training`. */
  name: string;
  /**
   * Those of at most 500 digests that it uses. When it fails, nothing is removed.
   *
   * @remarks
   *
   * It may begin to use what it did not use when it was asked: storing the same bytes again makes them
   * young again, and what is young is not removed.
   */
  findUsed(
    digests: readonly Digest[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<Digest>>;
}

/** Adds those who are asked before artifacts are removed. */
export interface ArtifactUsersExtensionPoint {
  addUser(user: ArtifactUser): void;
}

export const artifactUsersExtensionPoint =
  createExtensionPoint<ArtifactUsersExtensionPoint>({
    id: 'ai-registry.artifact-users',
  });
