import { notFound, Refusal } from '../http/answers';
import { presentDeployment, presentDeploymentStatus } from '../present/commits';
import { repositoryUrl } from '../present/repository';
import { type Deployment, now, takeId } from '../state';
import { actorOf, type Call, pageOf, type Route, type World } from './Route';

function deploymentOf({ state }: World, { params }: Call): Deployment {
  const id = Number(params.deployment_id);
  const found = state.deployments.find(one => one.id === id);
  if (!found) throw notFound();
  return found;
}

/** How far something is in an environment. */
export const deploymentRoutes: Route[] = [
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/deployments',
    needs: { deployments: 'read' },
    handle: ({ state, places }, call) => {
      const { query } = call;
      const matches = (name: string, value: string) =>
        query.get(name) === null || query.get(name) === value;
      const found = state.deployments
        .filter(
          one =>
            matches('sha', one.commit) &&
            matches('environment', one.environment) &&
            matches('task', one.task),
        )
        .reverse();
      const url = `${repositoryUrl(state, places)}/deployments`;
      const { items, headers } = pageOf(found, call, url);
      const body = items.map(one => presentDeployment(state, one, places));
      return { status: 200, body, headers };
    },
  },
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/deployments',
    needs: { deployments: 'write' },
    handle: async ({ state, git, places }, call) => {
      const { ref, task, environment, description } = call.body as Record<
        string,
        string | undefined
      >;
      const commit = (await git.branch(ref!)) ?? ref!;
      if (!(await git.exists(commit))) {
        throw new Refusal(422, `No ref found for: ${ref}`);
      }
      const deployment: Deployment = {
        id: takeId(state),
        commit,
        ref: ref!,
        task: task ?? 'deploy',
        environment: environment ?? 'production',
        description: description ?? null,
        creator: actorOf(call),
        at: now(state),
        statuses: [],
      };
      state.deployments.push(deployment);
      return {
        status: 201,
        body: presentDeployment(state, deployment, places),
      };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    needs: { deployments: 'read' },
    handle: (world, call) => {
      const { state, places } = world;
      const deployment = deploymentOf(world, call);
      const url = `${repositoryUrl(state, places)}/deployments/${
        deployment.id
      }/statuses`;
      const newestFirst = [...deployment.statuses].reverse();
      const { items, headers } = pageOf(newestFirst, call, url);
      const body = items.map(status =>
        presentDeploymentStatus(state, deployment, status, places),
      );
      return { status: 200, body, headers };
    },
  },
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    needs: { deployments: 'write' },
    handle: (world, call) => {
      const { state, places } = world;
      const deployment = deploymentOf(world, call);
      const body = call.body as Record<string, string | undefined>;
      if ((body.description ?? '').length > 140) {
        throw new Refusal(
          422,
          'description is too long (maximum is 140 characters)',
        );
      }
      const status = {
        id: takeId(state),
        state: body.state!,
        description: body.description ?? '',
        environmentUrl: body.environment_url ?? '',
        creator: actorOf(call),
        at: now(state),
      };
      deployment.statuses.push(status);
      return {
        status: 201,
        body: presentDeploymentStatus(state, deployment, status, places),
      };
    },
  },
];
