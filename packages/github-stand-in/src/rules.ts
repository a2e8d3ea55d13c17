import type { Pull, Ruleset, State } from './state';

const PASSED = new Set(['success', 'neutral', 'skipped']);

interface RequiredCheck {
  context: string;
  integration_id?: number;
}

function activeRules(state: State): Ruleset['rules'] {
  return state.rulesets
    .filter(
      ({ enforcement, conditions }) =>
        enforcement === 'active' &&
        (conditions?.ref_name?.include ?? []).some(ref =>
          ['refs/heads/main', '~DEFAULT_BRANCH', '~ALL'].includes(ref),
        ),
    )
    .flatMap(({ rules }) => rules);
}

/** Whether main takes only what its queue has merged. */
export function needsQueue(state: State): boolean {
  return activeRules(state).some(({ type }) => type === 'merge_queue');
}

/** Why the rules of main do not let it be merged, in GitHub's words; undefined when they do. */
export function explainRules(state: State, pull: Pull): string | undefined {
  const violations = activeRules(state).flatMap(({ type, parameters = {} }) => {
    if (type === 'required_status_checks') {
      const checks = parameters.required_status_checks as RequiredCheck[];
      return checks
        .filter(check => !hasPassed(state, pull.head, check))
        .map(
          ({ context }) => `Required status check "${context}" is expected.`,
        );
    }
    if (type === 'pull_request') {
      const wanted = Number(parameters.required_approving_review_count ?? 0);
      return approvalsOf(pull) >= wanted
        ? []
        : [
            `At least ${wanted} approving review is required by reviewers with write access.`,
          ];
    }
    return [];
  });
  return violations.length > 0
    ? `Repository rule violations found\n\n${violations.join('\n')}\n\n`
    : undefined;
}

function hasPassed(state: State, head: string, check: RequiredCheck): boolean {
  const isApp =
    check.integration_id === undefined || check.integration_id === state.app.id;
  const run = state.checkRuns
    .filter(({ head: of, name }) => of === head && name === check.context)
    .at(-1);
  if (run && isApp) return PASSED.has(run.conclusion ?? '');
  const status = state.statuses
    .filter(
      ({ commit, context }) => commit === head && context === check.context,
    )
    .at(-1);
  return check.integration_id === undefined && status?.state === 'success';
}

/** Only the newest verdict of each person counts. */
function approvalsOf({ reviews }: Pull): number {
  const newest = new Map<string, string>();
  for (const { author, state } of reviews) {
    if (state !== 'COMMENTED') newest.set(author, state);
  }
  return [...newest.values()].filter(state => state === 'APPROVED').length;
}
