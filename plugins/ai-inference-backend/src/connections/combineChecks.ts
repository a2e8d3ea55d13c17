import type { EnvironmentConnection } from '@greenroom/plugin-ai-inference-common';

type Check = EnvironmentConnection['check'];

/**
 * How a connection is whose calls several upstreams share: it answers while one of them does,
 * with the models that all of those offer.
 *
 * @param checks - of its upstreams, with their names; at least one
 */
export function combineChecks(
  checks: readonly { name: string; check: Check }[],
): Check {
  const answers = checks.flatMap(({ check }) =>
    check.state === 'answers' ? check : [],
  );
  if (answers.length > 0) {
    const [first, ...others] = answers;
    return {
      state: 'answers',
      checkedAt: latest(answers),
      models: first.models.filter(model =>
        others.every(({ models }) => models.includes(model)),
      ),
    };
  }
  const fails = checks.flatMap(({ name, check }) =>
    check.state === 'fails' ? { name, ...check } : [],
  );
  if (fails.length < checks.length) return { state: 'unchecked' };
  return {
    state: 'fails',
    checkedAt: latest(fails),
    error: fails.map(({ name, error }) => `${name}: ${error}`).join('; '),
  };
}

function latest(checks: readonly { checkedAt: string }[]): string {
  return checks.reduce(
    (last, { checkedAt }) => (checkedAt > last ? checkedAt : last),
    '',
  );
}
