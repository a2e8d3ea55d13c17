import { NotFoundError } from '@backstage/errors';
import type { GitRepository } from './GitRepository';

export const MAIN_REF = 'refs/heads/main';

/** Where Git keeps a branch. */
export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

/** Keeps a change request's commits when its branch is gone. */
export function keptRef(number: number): string {
  return `refs/changes/${number}/head`;
}

/** Newest revision of the main branch. */
export async function mainRevisionOf(
  repository: GitRepository,
): Promise<string> {
  const revision = await repository.resolve(MAIN_REF);
  if (!revision) {
    throw new NotFoundError(
      `The environments repository in '${repository.directory}' has no branch 'main' any more: push it from a clone`,
    );
  }
  return revision;
}
