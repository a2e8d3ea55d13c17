import { notFound, Refusal } from '../http/answers';
import {
  presentCheckRun,
  presentCombinedStatus,
  presentCommit,
  presentStatus,
} from '../present/commits';
import { repositoryUrl } from '../present/repository';
import { type CheckRun, now, type State, takeId } from '../state';
import { actorOf, type Call, pageOf, type Route, type World } from './Route';

interface CheckRunBody {
  name?: string;
  head_sha?: string;
  status?: string;
  conclusion?: string;
  details_url?: string;
  external_id?: string;
  output?: {
    title?: string;
    summary?: string;
    annotations?: CheckRun['annotations'];
  };
}

/** Only Apps may. */
function requireApp({ caller }: Call): void {
  if (caller.kind !== 'installation') {
    throw new Refusal(403, 'You must authenticate via a GitHub App.');
  }
}

function update(state: State, run: CheckRun, body: CheckRunBody): void {
  const { output } = body;
  if (body.name !== undefined) run.name = body.name;
  if (body.details_url !== undefined) run.detailsUrl = body.details_url;
  if (body.status !== undefined) run.status = body.status;
  if (body.conclusion !== undefined) {
    run.conclusion = body.conclusion;
    run.status = 'completed';
    run.completedAt = now(state);
  } else if (body.status !== undefined) {
    run.conclusion = null;
    run.completedAt = null;
  }
  if (output?.title !== undefined) run.title = output.title;
  if (output?.summary !== undefined) run.summary = output.summary;
  // GitHub keeps those that were told before.
  run.annotations.push(...(output?.annotations ?? []));
}

function tell({ webhooks, state }: World, run: CheckRun, action: string): void {
  webhooks.tell('check_run', {
    action,
    check_run: { id: run.id, name: run.name, head_sha: run.head },
    repository: { full_name: `${state.owner}/${state.repository}` },
  });
}

/** What is said about commits: check runs, statuses; and commits themselves. */
export const checkRoutes: Route[] = [
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/check-runs',
    needs: { checks: 'write' },
    handle: async (world, call) => {
      requireApp(call);
      const { state, git, places } = world;
      const body = call.body as CheckRunBody;
      if (!(await git.exists(body.head_sha!))) {
        throw new Refusal(422, `No commit found for SHA: ${body.head_sha}`);
      }
      const run: CheckRun = {
        id: takeId(state),
        name: body.name!,
        head: body.head_sha!,
        status: 'queued',
        conclusion: null,
        detailsUrl: null,
        externalId: body.external_id ?? null,
        title: null,
        summary: null,
        annotations: [],
        startedAt: now(state),
        completedAt: null,
      };
      update(state, run, body);
      state.checkRuns.push(run);
      tell(world, run, 'created');
      return { status: 201, body: presentCheckRun(state, run, places) };
    },
  },
  {
    method: 'PATCH',
    template: '/repos/{owner}/{repo}/check-runs/{check_run_id}',
    needs: { checks: 'write' },
    handle: (world, call) => {
      requireApp(call);
      const { state, places } = world;
      const id = Number(call.params.check_run_id);
      const run = state.checkRuns.find(one => one.id === id);
      if (!run) throw notFound();
      update(state, run, call.body as CheckRunBody);
      tell(world, run, run.conclusion ? 'completed' : 'created');
      return { status: 200, body: presentCheckRun(state, run, places) };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/commits/{ref}/check-runs',
    needs: { checks: 'read' },
    handle: ({ state, places }, call) => {
      const { ref } = call.params;
      const newest = new Map(
        state.checkRuns
          .filter(({ head }) => head === ref)
          .map(run => [run.name, run]),
      );
      const url = `${repositoryUrl(state, places)}/commits/${ref}/check-runs`;
      const { items, headers } = pageOf([...newest.values()], call, url);
      return {
        status: 200,
        headers,
        body: {
          total_count: newest.size,
          check_runs: items.map(run => presentCheckRun(state, run, places)),
        },
      };
    },
  },
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/statuses/{sha}',
    needs: { statuses: 'write' },
    handle: ({ state, places }, call) => {
      const {
        state: given,
        context,
        description,
        target_url,
      } = call.body as Record<string, string | undefined>;
      if (description !== undefined && description.length > 140) {
        throw new Refusal(
          422,
          'description is too long (maximum is 140 characters)',
        );
      }
      const status = {
        id: takeId(state),
        commit: call.params.sha,
        context: context ?? 'default',
        state: given as 'success',
        description: description ?? null,
        targetUrl: target_url ?? null,
        creator: actorOf(call),
        at: now(state),
      };
      state.statuses.push(status);
      return { status: 201, body: presentStatus(state, status, places) };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/commits/{ref}/status',
    needs: { statuses: 'read' },
    handle: ({ state, places }, { params }) => {
      const newest = new Map(
        state.statuses
          .filter(({ commit }) => commit === params.ref)
          .map(status => [status.context, status]),
      );
      const statuses = [...newest.values()];
      return {
        status: 200,
        body: presentCombinedStatus(state, params.ref, statuses, places),
      };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/compare/{basehead}',
    needs: { contents: 'read' },
    handle: async ({ state, git, places }, call) => {
      const [base, head] = call.params.basehead.split('...');
      if (!(await git.exists(base)) || !(await git.exists(head))) {
        throw notFound();
      }
      const mergeBase = await git.mergeBase(base, head);
      const [ahead, behind] = await Promise.all([
        git.between(mergeBase, head),
        git.between(mergeBase, base),
      ]);
      const present = async (sha: string) =>
        presentCommit(state, await git.details(sha), places);
      const url = `${repositoryUrl(state, places)}/compare/${base}...${head}`;
      const { items, headers } = pageOf(ahead, call, url);
      const apart = behind.length > 0 ? 'diverged' : 'ahead';
      return {
        status: 200,
        headers,
        body: {
          url,
          html_url: url,
          permalink_url: url,
          diff_url: `${url}.diff`,
          patch_url: `${url}.patch`,
          base_commit: await present(base),
          merge_base_commit: await present(mergeBase),
          status: ahead.length > 0 ? apart : 'behind',
          ahead_by: ahead.length,
          behind_by: behind.length,
          total_commits: ahead.length,
          commits: await Promise.all(items.map(present)),
          files: [],
        },
      };
    },
  },
];
