import type { Run } from '@greenroom/plugin-ai-training-common';

/** Where the code of a run is, as its client says. */
export interface RunSource {
  /** Script, notebook or project. */
  name?: string;
  type?: string;
  branch?: string;
  commit?: string;
  /** Address of the repository's page. */
  repository?: string;
  /** Address of the commit's page, on hosts that are known. */
  commitPage?: string;
}

export const PARENT_TAG = 'mlflow.parentRunId';

/** Reads the tags by which MLflow's client says where the code is. */
export function sourceOf({ tags }: Run): RunSource {
  const commit = tags['mlflow.source.git.commit'];
  const repository = repositoryPage(tags['mlflow.source.git.repoURL']);
  return {
    name: tags['mlflow.source.name'],
    type: tags['mlflow.source.type'],
    branch: tags['mlflow.source.git.branch'] ?? tags['mlflow.gitBranchName'],
    commit,
    repository,
    commitPage: repository && commit && commitPage(repository, commit),
  };
}

/** An address for a browser, from what Git calls a remote; undefined where that is none of a host. */
export function repositoryPage(remote: string | undefined): string | undefined {
  const [, host, path] =
    /^(?:https?:\/\/|ssh:\/\/|git:\/\/)?(?:[^@/\s]+@)?([\w.-]+\.[a-z]{2,}(?::\d+)?)[:/]([\w./~-]+?)(?:\.git)?\/?$/i.exec(
      remote ?? '',
    ) ?? [];
  const page = `https://${host}/${path}`;
  // Such as one with a port that there cannot be.
  return host && URL.canParse(page) ? page : undefined;
}

function commitPage(repository: string, commit: string): string | undefined {
  if (!/^[0-9a-f]{7,64}$/i.test(commit)) return undefined;
  const { hostname } = new URL(repository);
  if (hostname === 'bitbucket.org') return `${repository}/commits/${commit}`;
  if (hostname.includes('gitlab')) return `${repository}/-/commit/${commit}`;
  return hostname.includes('github')
    ? `${repository}/commit/${commit}`
    : undefined;
}
