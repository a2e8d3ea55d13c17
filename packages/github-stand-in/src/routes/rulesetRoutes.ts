import { invalid, notFound } from '../http/answers';
import { presentRuleset } from '../present/commits';
import { repositoryUrl } from '../present/repository';
import { type Ruleset, takeId } from '../state';
import { type Call, pageOf, type Route, type World } from './Route';

function rulesetOf({ state }: World, { params }: Call): Ruleset {
  const id = Number(params.ruleset_id);
  const found = state.rulesets.find(one => one.id === id);
  if (!found) throw notFound();
  return found;
}

/** What main takes. */
export const rulesetRoutes: Route[] = [
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/rulesets',
    needs: { metadata: 'read' },
    handle: ({ state, places }, call) => {
      const url = `${repositoryUrl(state, places)}/rulesets`;
      const { items, headers } = pageOf(state.rulesets, call, url);
      // The rules themselves are told of one alone.
      const body = items.map(({ rules, conditions, ...ruleset }) =>
        presentRuleset(state, { ...ruleset, rules: [] }),
      );
      return { status: 200, body, headers };
    },
  },
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/rulesets',
    needs: { administration: 'write' },
    handle: ({ state }, { body }) => {
      const given = body as unknown as Omit<Ruleset, 'id'>;
      if (state.rulesets.some(({ name }) => name === given.name)) {
        throw invalid('RepositoryRuleset', 'name', 'Name must be unique');
      }
      const ruleset: Ruleset = { ...given, id: takeId(state) };
      state.rulesets.push(ruleset);
      return { status: 201, body: presentRuleset(state, ruleset) };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/rulesets/{ruleset_id}',
    needs: { metadata: 'read' },
    handle: (world, call) => ({
      status: 200,
      body: presentRuleset(world.state, rulesetOf(world, call)),
    }),
  },
  {
    method: 'PUT',
    template: '/repos/{owner}/{repo}/rulesets/{ruleset_id}',
    needs: { administration: 'write' },
    handle: (world, call) => {
      const ruleset = rulesetOf(world, call);
      Object.assign(ruleset, call.body);
      return { status: 200, body: presentRuleset(world.state, ruleset) };
    },
  },
];
