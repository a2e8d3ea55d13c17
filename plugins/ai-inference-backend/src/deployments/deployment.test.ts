import { applyRolloutAction } from '../rollouts/rollout';
import { desiredDeployment } from '../__testUtils__/fixtures';
import {
  type CurrentDeployment,
  decideDeploymentChange,
  startRollout,
  tidyDeployment,
} from './deployment';

const NOW = new Date('2026-05-03T12:00:00Z');

function running(version: number): CurrentDeployment {
  const { deployment, rollout } = startRollout({
    desired: desiredDeployment(version),
    rolloutId: `rollout-${version}`,
    now: NOW,
  });
  const done = applyRolloutAction({
    rollout,
    split: deployment.split,
    action: { kind: 'complete' },
    now: NOW,
  });
  return {
    deployment: { ...deployment, split: done.split },
    rollout: done.rollout,
  };
}

/** Version 2 has 10 % of the traffic of version 1. */
function halfway(): CurrentDeployment {
  const started = startRollout({
    current: running(1),
    desired: desiredDeployment(2),
    rolloutId: 'rollout-2',
    now: NOW,
  });
  const { rollout, split } = applyRolloutAction({
    rollout: started.rollout,
    split: started.deployment.split,
    action: {
      kind: 'step',
      step: 0,
      weightPercent: 10,
      nextStepAt: NOW.toISOString(),
    },
    now: NOW,
  });
  return { rollout, deployment: { ...started.deployment, split } };
}

function failed(): CurrentDeployment {
  const { rollout, deployment } = halfway();
  const after = applyRolloutAction({
    rollout,
    split: deployment.split,
    action: { kind: 'fail', error: 'it does not load' },
    now: NOW,
  });
  return {
    rollout: after.rollout,
    deployment: { ...deployment, split: after.split },
  };
}

function weights({
  split,
}: {
  split: { version: number; weightPercent: number }[];
}) {
  return Object.fromEntries(
    split.map(({ version, weightPercent }) => [version, weightPercent]),
  );
}

describe('decideDeploymentChange', () => {
  it.each([
    [
      'a model that is not served yet',
      undefined,
      desiredDeployment(1),
      'roll-out',
    ],
    ['the same commit', running(1), desiredDeployment(1), 'none'],
    ['another version', running(1), desiredDeployment(2), 'roll-out'],
    [
      'the same version by a new commit',
      running(1),
      desiredDeployment(1, { commit: 'c' }),
      'note',
    ],
    ['the same commit after a failure', failed(), desiredDeployment(2), 'none'],
    [
      'a new commit after a failure',
      failed(),
      desiredDeployment(2, { commit: 'c' }),
      'roll-out',
    ],
  ])('%s', (_what, current, desired, kind) => {
    expect(decideDeploymentChange(current, desired)).toEqual({ kind });
  });
});

describe('startRollout', () => {
  it('serves the first version alone', () => {
    const { deployment, rollout, superseded } = startRollout({
      desired: desiredDeployment(1),
      rolloutId: 'r',
      now: NOW,
    });
    expect(weights(deployment)).toEqual({ 1: 100 });
    expect(rollout.fromVersion).toBeUndefined();
    expect(rollout.state).toEqual({ phase: 'loading' });
    expect(superseded).toBeUndefined();
  });

  it('ends a running rollout and starts from the split that it had reached', () => {
    const before = halfway();
    const { deployment, rollout, superseded } = startRollout({
      current: before,
      desired: desiredDeployment(3),
      rolloutId: 'rollout-3',
      now: NOW,
    });
    expect(superseded?.id).toBe('rollout-2');
    expect(superseded?.state.phase).toBe('superseded');
    expect(superseded?.history.at(-1)?.weightPercent).toBe(10);
    expect(weights(deployment)).toEqual({ 1: 90, 2: 10, 3: 0 });
    expect(weights({ split: rollout.startSplit })).toEqual({ 1: 90, 2: 10 });
    // Callers that were divided already must not be shuffled again.
    expect(deployment.salt).toBe(before.deployment.salt);
  });

  it('draws new cohorts when everybody is on one version', () => {
    const before = running(1);
    const { deployment } = startRollout({
      current: before,
      desired: desiredDeployment(2),
      rolloutId: 'rollout-2',
      now: NOW,
    });
    expect(deployment.salt).not.toBe(before.deployment.salt);
  });

  it('names the version that people see leave, also when it never got everything', () => {
    const rollback = desiredDeployment(1, { kind: 'rollback', commit: 'back' });
    for (const current of [halfway(), failed()]) {
      const { rollout } = startRollout({
        current,
        desired: rollback,
        rolloutId: 'r',
        now: NOW,
      });
      expect(rollout.fromVersion).toBe(2);
    }
    const next = startRollout({
      current: failed(),
      desired: desiredDeployment(3),
      rolloutId: 'r',
      now: NOW,
    });
    expect(next.rollout.fromVersion).toBe(1);
  });
});

describe('tidyDeployment', () => {
  const options = { now: NOW, drainMillis: 0 };

  it('keeps what a running rollout may go back to', () => {
    const current = halfway();
    current.deployment.split = current.deployment.split.map(variant => ({
      ...variant,
      weightPercent: variant.version === 2 ? 100 : 0,
    }));
    expect(weights(tidyDeployment(current, options))).toEqual({ 1: 0, 2: 100 });
  });

  it('keeps the version to roll back to, and lets others go', () => {
    const current = running(3);
    current.deployment.split = [1, 2, 3].map(version => ({
      version,
      digest: '',
      weightPercent: version === 3 ? 100 : 0,
    }));
    current.deployment.rollbackTo = 2;
    const draining = tidyDeployment(current, options);
    expect(
      weights(tidyDeployment({ ...current, deployment: draining }, options)),
    ).toEqual({ 2: 0, 3: 100 });
  });
});
