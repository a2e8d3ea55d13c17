import type { RolloutState } from '@greenroom/plugin-ai-inference-common';
import { makeDeployment } from '../__testUtils__/FakePlugins';
import { toDeploymentFacts } from './deployedModel';

const AT = '2026-05-03T12:00:00.000Z';
const deploymentIn = (state: RolloutState, fromVersion?: number) =>
  makeDeployment('production', 'digits', 2, {
    rollout: {
      id: 'r',
      environment: 'production',
      model: 'digits',
      fromVersion,
      toVersion: 2,
      kind: 'promotion',
      plan: { strategy: 'immediate', steps: [] },
      state,
      commit: 'c',
      startedAt: AT,
      history: [],
    },
  });

const paused = { since: AT, by: 'user:default/ada', leftSeconds: 1 };
const progressing = { phase: 'progressing', step: 0, nextStepAt: AT } as const;

it.each([
  [{ phase: 'loading' }, 'moving'],
  [{ phase: 'loading', paused }, 'paused'],
  [progressing, 'moving'],
  [{ ...progressing, paused }, 'paused'],
  [{ phase: 'completed', completedAt: AT }, 'serving'],
  [{ phase: 'rejected', rejectedAt: AT, reason: 'worse' }, 'rejected'],
] as [RolloutState, string][])('%j is %s', (state, expected) => {
  const facts = toDeploymentFacts(deploymentIn(state, 1));
  expect(facts).toMatchObject({
    state: expected,
    serving: [{ version: 2, sharePercent: 100 }],
  });
});

it('has nothing that serves while the first version of all is loading', () => {
  const facts = toDeploymentFacts(deploymentIn({ phase: 'loading' }));
  expect(facts.serving).toEqual([]);
});

it('does not change when a data plane comes or goes', () => {
  const one = makeDeployment('production', 'digits');
  const other = {
    ...one,
    variants: [{ ...one.variants[0], weightPercent: 0 }],
    convergence: { state: 'degraded', reason: 'one is away' } as const,
    dataPlanes: { ready: 0, total: 3, degraded: [] },
  };
  expect(toDeploymentFacts(other)).toEqual(toDeploymentFacts(one));
});
