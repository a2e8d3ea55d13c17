import { toError } from '@backstage/errors';
import type { GitHubApi } from './GitHubApi';
import { GitHubError } from './GitHubError';

/** The check that says whether a promotion may be merged. */
export const REQUIRED_CHECK = 'Greenroom';
const RULESET = 'Greenroom';
const PAGE = 100;

/**
 * The rule that nobody merges into main what Greenroom's check does not let pass.
 *
 * @returns a sentence that says what is wrong, and what to do; undefined when it is in force
 */
export async function ensureMainRule(
  api: GitHubApi,
): Promise<string | undefined> {
  const { octokit, here } = api;
  const { appId } = await api.self();
  const rule = {
    type: 'required_status_checks' as const,
    parameters: {
      required_status_checks: [
        { context: REQUIRED_CHECK, ...(appId && { integration_id: appId }) },
      ],
      strict_required_status_checks_policy: false,
    },
  };
  try {
    const { data: rulesets } = await octokit.rest.repos.getRepoRulesets({
      ...here,
      includes_parents: false,
      per_page: PAGE,
    });
    const found = rulesets.find(({ name }) => name === RULESET);
    if (!found) {
      await octokit.rest.repos.createRepoRuleset({
        ...here,
        name: RULESET,
        target: 'branch',
        enforcement: 'active',
        conditions: { ref_name: { include: ['refs/heads/main'], exclude: [] } },
        rules: [rule],
      });
      return undefined;
    }
    if (found.enforcement === 'active') return undefined;
    return `The ruleset '${RULESET}' of the repository is ${found.enforcement}: activate it on GitHub, or set aiRegistry.environments.github.requireChecks to false.`;
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    if (error.status !== 403 && error.status !== 404) throw error;
    return `main does not require the check '${REQUIRED_CHECK}', since GitHub does not let Greenroom set that up (${
      toError(error).message
    }): give the GitHub App the permission "Administration: write", or make such a ruleset yourself and set aiRegistry.environments.github.requireChecks to false.`;
  }
}
