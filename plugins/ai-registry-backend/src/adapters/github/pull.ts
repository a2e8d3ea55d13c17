import type { Account } from './conversation';

/** A pull request, as far as it matters here. */
export interface Pull {
  number: number;
  /** What GraphQL knows it by. */
  nodeId: string;
  title: string;
  /** Markdown, with the marker. */
  body: string;
  /** With the owner before a colon when it lies in a fork. */
  branch: string;
  isFromFork: boolean;
  head: string;
  base: string;
  labels: string[];
  author: Account | undefined;
  url: string;
  /** One that somebody has go elsewhere than into main counts as closed. */
  isOpen: boolean;
  isMerged: boolean;
  /** What GitHub says about where it went. */
  mergeCommit: string | undefined;
  updatedAt: string;
}

interface PullOnGitHub {
  number: number;
  node_id: string;
  title: string;
  body: string | null;
  state: string;
  merged_at: string | null;
  merge_commit_sha: string | null;
  updated_at: string;
  html_url: string;
  user: Account | null;
  labels: { name: string }[];
  head: {
    ref: string;
    sha: string;
    label: string | null;
    user: Account | null;
    /** Null where the fork was removed. */
    repo: { full_name: string } | null;
  };
  base: { ref: string; repo: { full_name: string } };
}

export function toPull(pull: PullOnGitHub): Pull {
  const { head, base, user } = pull;
  const from = head.user?.login ?? 'unknown';
  // An organization may have a fork of its own repository.
  const isFromFork = head.repo?.full_name !== base.repo.full_name;
  const isIntoMain = base.ref === 'main';
  return {
    number: pull.number,
    nodeId: pull.node_id,
    title: pull.title,
    body: pull.body ?? '',
    branch: isFromFork ? `${from}:${head.ref}` : head.ref,
    isFromFork,
    head: head.sha,
    base: base.ref,
    labels: pull.labels.map(({ name }) => name),
    author: user ? { id: user.id, login: user.login } : undefined,
    url: pull.html_url,
    isOpen: pull.state === 'open' && isIntoMain,
    isMerged: pull.merged_at !== null && isIntoMain,
    mergeCommit: pull.merge_commit_sha ?? undefined,
    updatedAt: pull.updated_at,
  };
}
