import { setTimeout as sleep } from 'node:timers/promises';
import type { MergeResult } from '../../environments/GitHost';
import { mainRevisionOf } from '../git/refs';
import type { GitHubApi } from './GitHubApi';
import { GitHubError } from './GitHubError';
import type { Mirror } from './Mirror';
import type { Pull } from './pull';
import type { PullRequests } from './PullRequests';
import type { MergeMethod } from './settings';

const MOST_ATTEMPTS = 5;
const FIRST_PAUSE_MILLIS = 200;

/** What GitHub says to a merge that it does not make. */
const REFUSED = new Set([403, 405, 409, 422]);

const QUEUE_STATE = `query ($id: ID!) {
  node(id: $id) { ... on PullRequest { mergeQueueEntry { position state } } }
}`;

const ENQUEUE = `mutation ($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $head }) {
    mergeQueueEntry { position state }
  }
}`;

interface QueueEntry {
  position: number;
  state: string;
}

/** Merges pull requests by GitHub's API, so that its rules hold, and finds out what became of it. */
export class Merges {
  readonly #api: GitHubApi;
  readonly #mirror: Mirror;
  readonly #pulls: PullRequests;
  readonly #method: MergeMethod;

  constructor(options: {
    api: GitHubApi;
    mirror: Mirror;
    pulls: PullRequests;
    method: MergeMethod;
  }) {
    this.#api = options.api;
    this.#mirror = options.mirror;
    this.#pulls = options.pulls;
    this.#method = options.method;
  }

  async merge(
    number: number,
    options: { expectedHead: string; message: string },
  ): Promise<MergeResult> {
    let refusal = 'It has not said why.';
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const pull = await this.#pulls.read(number);
      if (pull.isMerged) return this.#whereItWent(pull);
      if (!pull.isOpen) return { outcome: 'closed' };
      if (pull.head !== options.expectedHead) {
        return { outcome: 'head-moved', head: pull.head };
      }
      const conflicts = await this.#conflictsOf(pull);
      if (conflicts.length > 0)
        return { outcome: 'conflict', paths: conflicts };
      try {
        await this.#ask(pull, options.message);
        continue;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refusal = error.reason;
      }
      if (/merge queue/i.test(refusal)) return this.#enqueue(pull);
      // Some of it passes by itself: main has just moved, or GitHub is still thinking about it.
      if (!mayPass(refusal)) break;
      await sleep(FIRST_PAUSE_MILLIS * attempt);
    }
    const pull = await this.#pulls.read(number);
    if (pull.isMerged) return this.#whereItWent(pull);
    return {
      outcome: 'refused',
      reason: `GitHub does not let it be merged yet: ${inOneLine(refusal)}`,
    };
  }

  async #ask(pull: Pull, message: string): Promise<void> {
    const { octokit, here } = this.#api;
    const [title, ...rest] = message.trim().split('\n');
    await octokit.rest.pulls.merge({
      ...here,
      pull_number: pull.number,
      sha: pull.head,
      merge_method: this.#method,
      // A rebase keeps the messages of its commits.
      ...(this.#method !== 'rebase' && {
        commit_title: title,
        commit_message: rest.join('\n').trim(),
      }),
    });
  }

  /** A file that both changed is a conflict also where GitHub could put the lines together. */
  async #conflictsOf(pull: Pull): Promise<string[]> {
    await this.#mirror.fetch();
    const { repository, writer } = this.#mirror.opened;
    if (!(await repository.resolve(pull.head))) {
      await this.#mirror.fetchPull(pull.number);
    }
    const main = await mainRevisionOf(repository);
    const merged = await writer.mergeTrees(main, pull.head);
    return 'conflicts' in merged ? merged.conflicts : [];
  }

  async #whereItWent(pull: Pull): Promise<MergeResult> {
    const commit = await this.#pulls.mergeCommitOf(pull);
    if (!commit) {
      return {
        outcome: 'refused',
        reason:
          'GitHub says that it was merged, but main does not have it: somebody may have moved main back.',
      };
    }
    await this.removeBranch(pull);
    return { outcome: 'merged', commit };
  }

  /** Only while it still is what the pull request was about. */
  async removeBranch({ branch, head }: Pull): Promise<void> {
    const { repository } = this.#mirror.opened;
    const refs = await repository.refs(`refs/heads/${branch}`);
    if (refs.get(`refs/heads/${branch}`) !== head) return;
    await this.#mirror.push({ branch, from: head, to: undefined });
  }

  async #enqueue(pull: Pull): Promise<MergeResult> {
    const { octokit } = this.#api;
    try {
      const { node } = await octokit.graphql<{
        node: { mergeQueueEntry: QueueEntry | null } | null;
      }>(QUEUE_STATE, { id: pull.nodeId });
      const entry =
        node?.mergeQueueEntry ??
        (
          await octokit.graphql<{
            enqueuePullRequest: { mergeQueueEntry: QueueEntry };
          }>(ENQUEUE, { id: pull.nodeId, head: pull.head })
        ).enqueuePullRequest.mergeQueueEntry;
      return {
        outcome: 'queued',
        reason: `It is number ${entry.position} in GitHub's merge queue.`,
      };
    } catch (error) {
      const { errors } = error as { errors?: { message: string }[] };
      if (!errors) throw error;
      return {
        outcome: 'refused',
        reason: `GitHub does not take it into its merge queue: ${inOneLine(
          errors.map(({ message }) => message).join('; '),
        )}`,
      };
    }
  }
}

function isRefusal(error: unknown): error is GitHubError {
  return (
    error instanceof GitHubError &&
    error.status !== undefined &&
    REFUSED.has(error.status) &&
    !/not accessible by/i.test(error.reason)
  );
}

function mayPass(refusal: string): boolean {
  return /was modified|not mergeable/i.test(refusal);
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
