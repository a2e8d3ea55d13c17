import type { GitObjects } from './GitObjects';
import type { CommitObject } from './objects';

/** A branch of a promotion has one commit, or a few. */
const MOST_COMMITS = 50;

/**
 * The commits from `head` back to `ancestor`, which is not among them, when each has one parent: most branches are
 * like that, and then there is nothing that Git would have to be asked.
 *
 * @returns undefined when it is not such a line, or longer than is worth following
 */
export async function straightLine(
  objects: Pick<GitObjects, 'commit'>,
  head: string,
  ancestor: string,
): Promise<CommitObject[] | undefined> {
  const line: CommitObject[] = [];
  let next = head;
  while (next !== ancestor) {
    const commit = await objects.commit(next);
    if (commit?.parents.length !== 1 || line.length >= MOST_COMMITS) {
      return undefined;
    }
    line.push(commit);
    [next] = commit.parents;
  }
  return line;
}
