import { issueInstallationToken } from '../authenticate';
import { notFound } from '../http/answers';
import {
  presentApp,
  presentInstallation,
  presentSelf,
} from '../present/accounts';
import { presentRepository } from '../present/repository';
import { actorOf, type Route } from './Route';

/** Who somebody is, and tokens of Apps. */
export const accountRoutes: Route[] = [
  {
    method: 'GET',
    template: '/app',
    forApp: true,
    handle: ({ state, places }) => ({
      status: 200,
      body: presentApp(state, places),
    }),
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/installation',
    forApp: true,
    handle: ({ state, places }) => ({
      status: 200,
      body: presentInstallation(state, places),
    }),
  },
  {
    method: 'POST',
    template: '/app/installations/{installation_id}/access_tokens',
    forApp: true,
    handle: ({ state, settings }, { params }) => {
      if (Number(params.installation_id) !== state.app.installationId) {
        throw notFound();
      }
      const { token, expiresAt } = issueInstallationToken(
        state,
        settings.installationTokenMillis,
      );
      return {
        status: 201,
        body: {
          token,
          expires_at: expiresAt,
          permissions: state.app.permissions,
          repository_selection: 'selected',
        },
      };
    },
  },
  {
    method: 'GET',
    template: '/user',
    handle: ({ state, places }, call) => ({
      status: 200,
      body: presentSelf(state.accounts.get(actorOf(call))!, places),
    }),
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}',
    needs: { metadata: 'read' },
    handle: ({ state, places }) => ({
      status: 200,
      body: {
        ...presentRepository(state, places),
        network_count: 0,
        subscribers_count: 0,
      },
    }),
  },
];
