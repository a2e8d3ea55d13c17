import { isDeepStrictEqual } from 'node:util';
import type {
  ChangeRequest,
  Check,
  DeploymentReport,
} from '../../environments/GitHost';
import {
  ANNOTATIONS_AT_ONCE,
  batchesOf,
  describe,
  fingerprintOf,
  readCheckRun,
  readCommitStatus,
  readDeploymentState,
  toAnnotation,
  toCheckRun,
  toCommitStatus,
  toDeploymentState,
} from './checks';
import type { GitHubApi } from './GitHubApi';
import { remember } from './remember';

/** Tells Greenroom's deployments from those that Actions makes for a job's environment. */
const TASK = 'greenroom';
const PAGE = 100;

type Told = Pick<ChangeRequest, 'checks' | 'deployments'>;

/** How checks of commits stand, and how far commits are in environments. */
export class Progress {
  readonly #api: GitHubApi;
  /** What was told or read last, by commit. */
  readonly #checks = new Map<string, ChangeRequest['checks']>();
  readonly #deployments = new Map<string, ChangeRequest['deployments']>();
  /** Fingerprints of checks that were told, by commit and name. */
  readonly #fingerprints = new Map<string, string>();

  constructor(api: GitHubApi) {
    this.#api = api;
  }

  /** @param options.deployed - the commit that environments get */
  async read(options: { head: string; deployed: string }): Promise<Told> {
    const [checks, deployments] = await Promise.all([
      this.#readChecks(options.head),
      this.#readDeployments(options.deployed),
    ]);
    remember(this.#checks, options.head, checks);
    remember(this.#deployments, options.deployed, deployments);
    return { checks, deployments };
  }

  /** Without asking: what was told or read last. */
  known(options: { head: string; deployed: string }): Told {
    return {
      checks: this.#checks.get(options.head) ?? [],
      deployments: this.#deployments.get(options.deployed) ?? [],
    };
  }

  async publish(head: string, checks: Check[]): Promise<void> {
    for (const check of checks) {
      const key = `${head} ${check.name}`;
      const fingerprint = fingerprintOf(check);
      if (this.#fingerprints.get(key) === fingerprint) continue;
      if (this.#api.isApp) await this.#publishRun(head, check);
      else await this.#publishStatus(head, check);
      remember(this.#fingerprints, key, fingerprint);
      const { name, state, title } = check;
      const others = (this.#checks.get(head) ?? []).filter(
        one => one.name !== name,
      );
      remember(this.#checks, head, [...others, { name, state, title }]);
    }
  }

  async report(commit: string, report: DeploymentReport): Promise<void> {
    const { octokit, here } = this.#api;
    const { environment, url } = report;
    const [found] = (
      await octokit.rest.repos.listDeployments({
        ...here,
        sha: commit,
        task: TASK,
        environment,
        per_page: 1,
      })
    ).data;
    const id = found?.id ?? (await this.#createDeployment(commit, environment));
    const state = toDeploymentState(report.state);
    const description = describe(report.description);
    const { data: statuses } = await octokit.rest.repos.listDeploymentStatuses({
      ...here,
      deployment_id: id,
      per_page: 1,
    });
    const now = { state, description, url: url ?? '' };
    const [before] = statuses.map(status => ({
      state: status.state,
      description: status.description,
      url: status.environment_url ?? '',
    }));
    if (isDeepStrictEqual(before, now)) return;
    await octokit.rest.repos.createDeploymentStatus({
      ...here,
      deployment_id: id,
      state,
      description,
      ...(url !== undefined && { environment_url: url }),
      auto_inactive: report.state === 'succeeded',
      request: { repeatable: true },
    });
  }

  async #publishRun(head: string, check: Check): Promise<void> {
    const { octokit, here } = this.#api;
    const run = toCheckRun(check);
    const { data } = await octokit.rest.checks.listForRef({
      ...here,
      ref: head,
      check_name: check.name,
      filter: 'latest',
      per_page: 1,
    });
    const { appId } = await this.#api.self();
    const before = data.check_runs.find(one => one.app?.id === appId);
    if (before?.external_id === run.external_id) return;
    const [first, ...more] = batchesOf(
      check.annotations.map(toAnnotation),
      ANNOTATIONS_AT_ONCE,
    );
    // One that has ended, or has remarks, is followed by another: remarks can only be added.
    const goesOn =
      before &&
      before.conclusion === null &&
      (before.output.annotations_count ?? 0) === 0;
    const told = {
      ...here,
      ...run,
      output: {
        ...run.output,
        ...(first.length > 0 && { annotations: first }),
      },
      request: { repeatable: true },
    };
    const { data: created } = goesOn
      ? await octokit.rest.checks.update({ ...told, check_run_id: before.id })
      : await octokit.rest.checks.create({ ...told, head_sha: head });
    for (const annotations of more) {
      await octokit.rest.checks.update({
        ...here,
        check_run_id: created.id,
        output: { ...run.output, annotations },
      });
    }
  }

  async #publishStatus(head: string, check: Check): Promise<void> {
    const { octokit, here } = this.#api;
    await octokit.rest.repos.createCommitStatus({
      ...here,
      sha: head,
      ...toCommitStatus(check),
      request: { repeatable: true },
    });
  }

  /** Of everybody: what others check may be what a merge waits for. */
  async #readChecks(head: string): Promise<ChangeRequest['checks']> {
    const { octokit, here } = this.#api;
    const [runs, statuses] = await Promise.all([
      octokit.rest.checks.listForRef({
        ...here,
        ref: head,
        filter: 'latest',
        per_page: PAGE,
      }),
      octokit.rest.repos.getCombinedStatusForRef({
        ...here,
        ref: head,
        per_page: PAGE,
      }),
    ]);
    return [
      ...runs.data.check_runs.map(readCheckRun),
      ...statuses.data.statuses.map(readCommitStatus),
    ];
  }

  async #readDeployments(
    commit: string,
  ): Promise<ChangeRequest['deployments']> {
    const { octokit, here } = this.#api;
    const { data } = await octokit.rest.repos.listDeployments({
      ...here,
      sha: commit,
      task: TASK,
      per_page: PAGE,
    });
    const newest = new Map(
      [...data].reverse().map(one => [one.environment, one]),
    );
    const found = await Promise.all(
      [...newest.values()].map(async ({ id, environment }) => {
        const { data: statuses } =
          await octokit.rest.repos.listDeploymentStatuses({
            ...here,
            deployment_id: id,
            per_page: 1,
          });
        return statuses.map(status => ({
          environment,
          state: readDeploymentState(status.state),
          description: status.description,
          at: status.created_at,
        }));
      }),
    );
    return found.flat();
  }

  async #createDeployment(
    commit: string,
    environment: string,
  ): Promise<number> {
    const { octokit, here } = this.#api;
    const { data } = await octokit.rest.repos.createDeployment({
      ...here,
      ref: commit,
      task: TASK,
      environment,
      auto_merge: false,
      required_contexts: [],
    });
    if (!('id' in data)) throw new Error(data.message);
    return data.id;
  }
}
