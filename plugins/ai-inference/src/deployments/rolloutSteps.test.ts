import { makeRollout } from '../__testUtils__/fixtures';
import { rolloutProgress, rolloutSteps } from './rolloutSteps';

const statuses = (rollout: Parameters<typeof rolloutSteps>[0]) =>
  rolloutSteps(rollout).map(({ status }) => status);

describe('rolloutSteps', () => {
  it('goes from loading over each held share to all traffic', () => {
    const loading = makeRollout();
    expect(rolloutSteps(loading).map(({ title }) => title)).toEqual([
      'Load version 2 on the data planes',
      '10 % of the traffic',
      '50 % of the traffic',
      'All of the traffic',
    ]);
    expect(statuses(loading)).toEqual([
      'running',
      'pending',
      'pending',
      'pending',
    ]);
  });

  it('knows when the running step ends', () => {
    const nextStepAt = '2026-05-03T10:01:00Z';
    const steps = rolloutSteps(
      makeRollout({ state: { phase: 'progressing', step: 1, nextStepAt } }),
    );
    expect(steps.map(({ status }) => status)).toEqual([
      'done',
      'done',
      'running',
      'pending',
    ]);
    expect(steps[2].endsAt).toBe(nextStepAt);
  });

  it('compares versions as one step that ends', () => {
    const nextStepAt = '2026-05-03T10:10:00Z';
    const experiment = makeRollout({
      plan: {
        strategy: 'experiment',
        control: { version: 1, digest: 'sha256:1', sharePercent: 50 },
        treatments: [{ version: 2, digest: 'sha256:2', sharePercent: 50 }],
        end: { atMostSeconds: 600, minUnitsPerVariant: 100, winner: 'serve' },
      },
      state: { phase: 'progressing', step: 0, nextStepAt },
    });
    expect(rolloutSteps(experiment)).toMatchObject([
      { status: 'done' },
      {
        title: 'Compared at fixed shares: v1 50 %, v2 50 %',
        status: 'running',
        endsAt: nextStepAt,
      },
      { title: 'All of the traffic', status: 'pending' },
    ]);
    expect(
      rolloutProgress(experiment, Date.parse('2026-05-03T10:05:00Z')),
    ).toBe(0.5);
  });

  it('takes all changes of adaptive shares as one step', () => {
    const adaptive = makeRollout({
      plan: {
        strategy: 'adaptive',
        floorPercent: 5,
        metric: 'clicks',
        updateSeconds: 60,
        atMostSeconds: 600,
      },
      state: {
        phase: 'progressing',
        step: 4,
        nextStepAt: '2026-05-03T10:05:00Z',
      },
    });
    expect(statuses(adaptive)).toEqual(['done', 'running', 'pending']);
    expect(rolloutProgress(adaptive, Date.parse('2026-05-03T10:02:30Z'))).toBe(
      0.25,
    );
  });

  it('shows a shadow until it has ended', () => {
    const shadow = makeRollout({
      plan: {
        strategy: 'shadow',
        samplePercent: 10,
        maxCopiesInFlight: 4,
        forSeconds: 60,
      },
      state: {
        phase: 'rejected',
        rejectedAt: '2026-05-03T10:05:00Z',
        reason: 'x',
      },
    });
    expect(rolloutSteps(shadow)).toMatchObject([
      { status: 'done' },
      { title: 'Answers copies of 10 % of the requests', status: 'failed' },
      { status: 'pending' },
    ]);
  });

  it('shows the pauses of a plan, and where somebody has to go on', () => {
    const paused = makeRollout({
      plan: {
        strategy: 'canary',
        steps: [
          { weightPercent: 10, holdSeconds: 30 },
          { pauseUntil: 'resumed' },
          { pauseSeconds: 60 },
        ],
      },
      state: {
        phase: 'progressing',
        step: 1,
        nextStepAt: '2026-05-03T10:00:30Z',
        paused: { since: '2026-05-03T10:00:30Z', by: 'plan', leftSeconds: 0 },
      },
    });
    expect(
      rolloutSteps(paused).map(({ title, status, weightPercent }) => [
        title,
        status,
        weightPercent,
      ]),
    ).toEqual([
      ['Load version 2 on the data planes', 'done', 0],
      ['10 % of the traffic', 'done', 10],
      ['Pause until somebody goes on', 'running', 10],
      ['Pause', 'pending', 10],
      ['All of the traffic', 'pending', 100],
    ]);
    expect(rolloutSteps(paused)[2]).toMatchObject({ paused: true });
    expect(rolloutProgress(paused, Date.parse('2026-05-03T12:00:00Z'))).toBe(
      30 / 90,
    );
  });

  it('marks everything done at the end, and the step that was not reached when it was rejected', () => {
    expect(
      statuses(
        makeRollout({
          state: { phase: 'completed', completedAt: '2026-05-03T10:02:00Z' },
        }),
      ),
    ).toEqual(['done', 'done', 'done', 'done']);
    expect(
      statuses(
        makeRollout({
          state: {
            phase: 'rejected',
            rejectedAt: '2026-05-03T10:02:00Z',
            reason: 'errors went up',
          },
          history: [
            { at: '2026-05-03T10:00:00Z', weightPercent: 10, note: '' },
            { at: '2026-05-03T10:02:00Z', weightPercent: 0, note: '' },
          ],
        }),
      ),
    ).toEqual(['done', 'done', 'failed', 'pending']);
  });
});

describe('rolloutProgress', () => {
  it('is the share of the planned time that has gone by', () => {
    const rollout = makeRollout({
      state: {
        phase: 'progressing',
        step: 1,
        nextStepAt: '2026-05-03T10:01:00Z',
      },
    });
    const end = Date.parse('2026-05-03T10:01:00Z');
    expect(rolloutProgress(rollout, end - 30_000)).toBeCloseTo(60 / 90);
    expect(rolloutProgress(rollout, end + 30_000)).toBe(1);
    expect(rolloutProgress(makeRollout(), end)).toBe(0);
  });
});
