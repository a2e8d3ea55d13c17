import { createHash } from 'node:crypto';
import type { Comment, Pull, Review, State } from '../state';
import { nodeId, type Places, presentLogin } from './accounts';
import { presentRepository, repositoryUrl } from './repository';

export function pullNodeId(pull: Pull): string {
  return nodeId('PullRequest', pull.id);
}

export function presentLabel(state: State, name: string, places: Places) {
  // The same of each repository's label of this name, and a number that JavaScript can hold.
  const id = Number.parseInt(
    createHash('sha256').update(name).digest('hex').slice(0, 8),
    16,
  );
  return {
    id,
    node_id: nodeId('Label', id),
    url: `${repositoryUrl(state, places)}/labels/${encodeURIComponent(name)}`,
    name,
    color: 'ededed',
    default: false,
    description: '',
  };
}

function pullPage(state: State, pull: Pull, { html }: Places): string {
  return `${html}/${state.owner}/${state.repository}/pull/${pull.number}`;
}

/** As in a list of pull requests. */
export function presentPull(
  state: State,
  pull: Pull,
  places: Places,
): Record<string, unknown> {
  const repository = repositoryUrl(state, places);
  const url = `${repository}/pulls/${pull.number}`;
  const issue = `${repository}/issues/${pull.number}`;
  const page = pullPage(state, pull, places);
  const statuses = `${repository}/statuses/${pull.head}`;
  const side = (ref: string, sha: string, fork?: string) => {
    const owner = fork ?? state.owner;
    // Nobody has two of the same name.
    const name = fork ? `${state.repository}-fork` : state.repository;
    return {
      label: `${owner}:${ref}`,
      ref,
      sha,
      repo: presentRepository({ ...state, owner, repository: name }, places),
      user: presentLogin(state, owner, places),
    };
  };
  return {
    id: pull.id,
    node_id: pullNodeId(pull),
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    body: pull.body,
    user: presentLogin(state, pull.author, places),
    labels: pull.labels.map(name => presentLabel(state, name, places)),
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    draft: false,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommit,
    head: side(pull.branch, pull.head, pull.fork),
    base: side(pull.into, pull.base),
    author_association: 'MEMBER',
    auto_merge: null,
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repository}/pulls/comments/{number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${repository}/pulls/comments/{number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
  };
}

/** As when one is asked for. */
export function presentWholePull(
  state: State,
  pull: Pull,
  { commits, changedFiles }: { commits: number; changedFiles: number },
  places: Places,
): Record<string, unknown> {
  return {
    ...presentPull(state, pull, places),
    merged: pull.mergedAt !== null,
    // GitHub finds that out in the background, and says null until then.
    mergeable: null,
    mergeable_state: 'unknown',
    merged_by: pull.mergedBy
      ? presentLogin(state, pull.mergedBy, places)
      : null,
    comments: pull.comments.length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits,
    additions: 0,
    deletions: 0,
    changed_files: changedFiles,
  };
}

export function presentReview(
  state: State,
  pull: Pull,
  review: Review,
  places: Places,
): Record<string, unknown> {
  const page = `${pullPage(state, pull, places)}#pullrequestreview-${
    review.id
  }`;
  const url = `${repositoryUrl(state, places)}/pulls/${pull.number}`;
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: presentLogin(state, review.author, places),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: url,
    author_association: 'MEMBER',
    _links: { html: { href: page }, pull_request: { href: url } },
    submitted_at: review.submittedAt,
    commit_id: review.commit,
  };
}

export function presentComment(
  state: State,
  pull: Pull,
  comment: Comment,
  places: Places,
): Record<string, unknown> {
  const repository = repositoryUrl(state, places);
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${repository}/issues/comments/${comment.id}`,
    html_url: `${pullPage(state, pull, places)}#issuecomment-${comment.id}`,
    issue_url: `${repository}/issues/${pull.number}`,
    user: presentLogin(state, comment.author, places),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: 'MEMBER',
    body: comment.body,
  };
}
