import type { CommitDetails } from '../git/Repository';
import type {
  CheckRun,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  Ruleset,
  State,
} from '../state';
import {
  accountOfEmail,
  nodeId,
  type Places,
  presentAccount,
  presentApp,
  presentLogin,
} from './accounts';
import { presentRepository, repositoryUrl } from './repository';

export function presentCommit(
  state: State,
  commit: CommitDetails,
  places: Places,
): Record<string, unknown> {
  const repository = repositoryUrl(state, places);
  const url = `${repository}/commits/${commit.sha}`;
  const page = `${places.html}/${state.owner}/${state.repository}/commit/${commit.sha}`;
  const account = (email: string) => {
    const found = accountOfEmail(state, email);
    return found ? presentAccount(found, places) : null;
  };
  return {
    url,
    sha: commit.sha,
    node_id: Buffer.from(commit.sha).toString('base64url'),
    html_url: page,
    comments_url: `${url}/comments`,
    commit: {
      url: `${repository}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${repository}/git/trees/${commit.tree}` },
    },
    author: account(commit.author.email),
    committer: account(commit.committer.email),
    parents: commit.parents.map(sha => ({
      sha,
      url: `${repository}/commits/${sha}`,
      html_url: page.replace(commit.sha, sha),
    })),
  };
}

export function presentCheckRun(
  state: State,
  run: CheckRun,
  places: Places,
): Record<string, unknown> {
  const url = `${repositoryUrl(state, places)}/check-runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.head,
    name: run.name,
    url,
    html_url: `${places.html}/${state.owner}/${state.repository}/runs/${run.id}`,
    details_url: run.detailsUrl,
    external_id: run.externalId,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    check_suite: { id: 1 },
    output: {
      title: run.title,
      summary: run.summary,
      text: null,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    app: presentApp(state, places),
    pull_requests: [],
  };
}

export function presentStatus(
  state: State,
  status: CommitStatus,
  places: Places,
): Record<string, unknown> {
  return {
    url: `${repositoryUrl(state, places)}/statuses/${status.commit}`,
    avatar_url: null,
    id: status.id,
    node_id: nodeId('Status', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.at,
    updated_at: status.at,
    creator: presentLogin(state, status.creator, places),
  };
}

export function presentCombinedStatus(
  state: State,
  commit: string,
  statuses: CommitStatus[],
  places: Places,
): Record<string, unknown> {
  const url = repositoryUrl(state, places);
  const failed = statuses.some(
    ({ state: s }) => s === 'failure' || s === 'error',
  );
  const done =
    statuses.length > 0 && statuses.every(s => s.state === 'success');
  const whole = done ? 'success' : 'pending';
  return {
    state: failed ? 'failure' : whole,
    statuses: statuses.map(one => {
      const { creator, ...shown } = presentStatus(state, one, places);
      return shown;
    }),
    sha: commit,
    total_count: statuses.length,
    repository: presentRepository(state, places),
    commit_url: `${url}/commits/${commit}`,
    url: `${url}/commits/${commit}/status`,
  };
}

export function presentDeployment(
  state: State,
  deployment: Deployment,
  places: Places,
): Record<string, unknown> {
  const repository = repositoryUrl(state, places);
  const url = `${repository}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    sha: deployment.commit,
    ref: deployment.ref,
    task: deployment.task,
    payload: {},
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: presentLogin(state, deployment.creator, places),
    created_at: deployment.at,
    updated_at: deployment.at,
    statuses_url: `${url}/statuses`,
    repository_url: repository,
  };
}

export function presentDeploymentStatus(
  state: State,
  deployment: Deployment,
  status: DeploymentStatus,
  places: Places,
): Record<string, unknown> {
  const repository = repositoryUrl(state, places);
  const url = `${repository}/deployments/${deployment.id}`;
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    creator: presentLogin(state, status.creator, places),
    description: status.description,
    environment: deployment.environment,
    target_url: '',
    environment_url: status.environmentUrl,
    log_url: '',
    created_at: status.at,
    updated_at: status.at,
    deployment_url: url,
    repository_url: repository,
  };
}

export function presentRuleset(
  state: State,
  ruleset: Ruleset,
): Record<string, unknown> {
  return {
    ...ruleset,
    source_type: 'Repository',
    source: `${state.owner}/${state.repository}`,
    node_id: nodeId('Ruleset', ruleset.id),
  };
}
