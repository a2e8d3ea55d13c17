import { advanceRollout } from '../rollouts/applyRolloutAction';
import {
  dataPlaneReport,
  desiredDeployment,
  digestOf,
  loadedVersion,
} from '../__testUtils__/fixtures';
import {
  type CurrentDeployment,
  decideDeploymentChange,
  startRollout,
  tidyDeployment,
} from './deployment';

const NOW = new Date('2026-05-03T12:00:00Z');

/** The deployment after a pass over its rollout with one data plane that runs the versions. */
function advance(
  { deployment, rollout }: CurrentDeployment,
  ...loaded: number[]
): CurrentDeployment {
  const models = loaded.map(version => loadedVersion(version));
  const { split, provenVersion, ...after } = advanceRollout({
    rollout,
    split: deployment.split,
    provenVersion: deployment.provenVersion,
    dataPlanes: [{ ...dataPlaneReport(models), online: true }],
    quorum: 1,
    now: NOW,
  });
  return {
    rollout: after.rollout,
    deployment: { ...deployment, split, provenVersion },
  };
}

function running(version: number): CurrentDeployment {
  const started = startRollout({
    desired: desiredDeployment(version),
    rolloutId: `rollout-${version}`,
    now: NOW,
  });
  return advance(started, version);
}

/** Version 2 is not loaded yet. */
function loading(): CurrentDeployment {
  return startRollout({
    current: running(1),
    desired: desiredDeployment(2),
    rolloutId: 'rollout-2',
    now: NOW,
  });
}

/** Version 2 has 10 % of the traffic of version 1. */
function halfway(): CurrentDeployment {
  return advance(loading(), 1, 2);
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
    [
      'a corrected digest of the same version',
      loading(),
      desiredDeployment(2, { commit: 'c', digest: digestOf(7) }),
      'roll-out',
    ],
    [
      'another plan for a running rollout',
      halfway(),
      desiredDeployment(2, {
        commit: 'c',
        rollout: { strategy: 'immediate', steps: [] },
      }),
      'roll-out',
    ],
    [
      'another plan when the rollout is over',
      running(2),
      desiredDeployment(2, {
        commit: 'c',
        rollout: { strategy: 'immediate', steps: [] },
      }),
      'note',
    ],
    [
      'a manifest that came back',
      {
        ...running(1),
        deployment: {
          ...running(1).deployment,
          withdrawnAt: NOW.toISOString(),
        },
      },
      desiredDeployment(1),
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
    const { rollout } = startRollout({
      current: halfway(),
      desired: rollback,
      rolloutId: 'r',
      now: NOW,
    });
    expect(rollout.fromVersion).toBe(2);
    const next = startRollout({
      current: loading(),
      desired: desiredDeployment(3),
      rolloutId: 'r',
      now: NOW,
    });
    expect(next.rollout.fromVersion).toBe(1);
  });
});

describe('an experiment around the version that runs', () => {
  it('is a rollout of its own, although the version stays', () => {
    const variant = (version: number, sharePercent: number) => ({
      version,
      digest: digestOf(version),
      sharePercent,
    });
    const desired = desiredDeployment(1, {
      commit: 'compare',
      rollout: {
        strategy: 'experiment',
        control: variant(1, 50),
        treatments: [variant(2, 50)],
        end: { atMostSeconds: 3_600, minUnitsPerVariant: 9, winner: 'ask' },
      },
    });
    const current = running(1);
    expect(decideDeploymentChange(current, desired)).toEqual({
      kind: 'roll-out',
    });
    const started = startRollout({
      current,
      desired,
      rolloutId: 'compare',
      now: NOW,
    });
    expect(started.deployment.split).toMatchObject([
      { version: 1, weightPercent: 100 },
      { version: 2, weightPercent: 0 },
    ]);
    expect(
      decideDeploymentChange(started, { ...desired, commit: 'again' }),
    ).toEqual({ kind: 'note' });
  });
});

describe('tidyDeployment', () => {
  const options = { now: NOW, drainMillis: 0 };

  it('keeps the version that was proven, which traffic may go back to', () => {
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
