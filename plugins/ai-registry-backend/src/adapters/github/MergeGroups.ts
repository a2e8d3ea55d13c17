import type { Check } from '../../environments/GitHost';
import { REQUIRED_CHECK } from './MainRule';
import type { Mirror } from './Mirror';
import type { Progress } from './Progress';
import type { PullRequests } from './PullRequests';

const QUEUE = 'refs/heads/gh-readonly-queue/main/';
const GROUP = /^refs\/heads\/gh-readonly-queue\/main\/pr-(\d{1,15})-/;

/**
 * Commits that GitHub's merge queue makes to try what main would become. A check that main requires
 * has to be told of them, too: it stands there as it does for the pull request.
 */
export class MergeGroups {
  readonly #mirror: Mirror;
  readonly #pulls: PullRequests;
  readonly #progress: Progress;

  constructor(options: {
    mirror: Mirror;
    pulls: PullRequests;
    progress: Progress;
  }) {
    this.#mirror = options.mirror;
    this.#pulls = options.pulls;
    this.#progress = options.progress;
  }

  async tellChecks(): Promise<void> {
    const groups = await this.#mirror.opened.repository.refs(QUEUE);
    for (const [ref, commit] of groups) {
      const number = Number(ref.match(GROUP)?.[1]);
      if (Number.isSafeInteger(number)) await this.#tellCheck(number, commit);
    }
  }

  async #tellCheck(number: number, commit: string): Promise<void> {
    const { head } = await this.#pulls.read(number);
    const { checks } = await this.#progress.read({ head, deployed: head });
    const found = checks.find(({ name }) => name === REQUIRED_CHECK);
    if (!found) return;
    const { repository, writer } = this.#mirror.opened;
    const before = await repository.resolve(`${commit}^1`);
    const merged = before && (await writer.mergeTrees(before, head));
    const conflicts = merged && 'conflicts' in merged ? merged.conflicts : [];
    const check: Check = {
      ...found,
      summary: `As for #${number}.`,
      annotations: [],
      ...(conflicts.length > 0 && {
        state: 'failed',
        title: `Others in the queue change ${conflicts.join(', ')}, too`,
      }),
    };
    await this.#progress.publish(commit, [check]);
  }
}
