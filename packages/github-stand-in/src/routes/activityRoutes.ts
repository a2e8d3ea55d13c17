import { nodeId, presentLogin } from '../present/accounts';
import { repositoryUrl } from '../present/repository';
import { pageOf, type Route } from './Route';

/** Who moved which branch. */
export const activityRoutes: Route[] = [
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/activity',
    needs: { contents: 'read' },
    handle: ({ state, places }, call) => {
      const ref = call.query.get('ref');
      const found = state.activities
        .filter(one => ref === null || one.ref === ref)
        .reverse();
      const url = `${repositoryUrl(state, places)}/activity`;
      const { items, headers } = pageOf(found, call, url);
      const body = items.map(({ actor, at, type, ...activity }) => ({
        ...activity,
        node_id: nodeId('Activity', activity.id),
        timestamp: at,
        activity_type: type,
        actor: presentLogin(state, actor, places),
      }));
      return { status: 200, body, headers };
    },
  },
];
