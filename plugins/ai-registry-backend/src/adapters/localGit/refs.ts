/** Where Git keeps a branch. */
export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

/** Keeps a change request's commits when its branch is gone. */
export function keptRef(number: number): string {
  return `refs/changes/${number}/head`;
}
