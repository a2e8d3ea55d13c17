import type {
  RetrainingPolicy,
  RetrainingState,
} from '@greenroom/plugin-ai-training-common';
import fc from 'fast-check';
import {
  afterFailure,
  CONFIRMED_AFTER_MILLIS,
  decideRetraining,
  type Drift,
  DRIFT_PAUSE_MILLIS,
  FORGOTTEN_AFTER_MILLIS,
  type JobOutcome,
  nextDrift,
  type RetrainingSituation,
} from './decideRetraining';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const START = new Date('2026-05-01T00:00:00.000Z');
const at = (millis: number) => new Date(START.getTime() + millis);
const iso = (millis: number) => at(millis).toISOString();

const idle: RetrainingState = { phase: 'idle', since: iso(0) };
const situation = (
  changes: Partial<RetrainingSituation> = {},
): RetrainingSituation => ({
  policy: { template: 'digits', everyDays: 7 },
  isWanted: true,
  state: idle,
  firstSeenAt: START,
  failures: 0,
  ...changes,
});
const training: RetrainingState = {
  phase: 'training',
  since: iso(0),
  because: { kind: 'days', days: 7 },
  job: 'j1',
};
const driftOf = (sinceMillis: number, seenMillis: number): Drift => ({
  version: 3,
  since: at(sinceMillis),
  seenAt: at(seenMillis),
});

describe('decideRetraining', () => {
  it('counts days from when the manifest first said it, and tells when they have passed', () => {
    expect(decideRetraining(situation(), at(HOUR))).toMatchObject({
      do: 'become',
      isNews: false,
      state: { phase: 'idle', since: iso(0), nextAt: iso(7 * DAY) },
    });
    const told = situation({ state: { ...idle, nextAt: iso(7 * DAY) } });
    expect(decideRetraining(told, at(7 * DAY - 1))).toEqual({ do: 'nothing' });
    expect(decideRetraining(told, at(7 * DAY))).toMatchObject({
      state: {
        phase: 'due',
        since: iso(7 * DAY),
        because: { kind: 'days', days: 7 },
      },
    });
  });

  it('counts days from the end of the last training where there was one', () => {
    const trained = situation({ trainedAt: at(3 * DAY) });
    expect(decideRetraining(trained, at(9 * DAY))).toMatchObject({
      state: { phase: 'idle', nextAt: iso(10 * DAY) },
    });
    expect(decideRetraining(trained, at(10 * DAY))).toMatchObject({
      state: { phase: 'due' },
    });
  });

  it('starts for drift that has stood for an hour, and only where the manifest says so', () => {
    const policy = { template: 'digits', onDrift: true };
    const now = at(2 * HOUR);
    const decide = (drift: Drift, changes: Partial<RetrainingSituation> = {}) =>
      decideRetraining(situation({ policy, drift, ...changes }), now);
    expect(decide(driftOf(HOUR + 1, 2 * HOUR))).toEqual({ do: 'nothing' });
    expect(decide(driftOf(HOUR, 2 * HOUR))).toMatchObject({
      state: {
        phase: 'due',
        because: { kind: 'drift', version: 3, since: iso(HOUR) },
      },
      driftStartedAt: now,
    });
    expect(
      decide(driftOf(HOUR, 2 * HOUR), { policy: { template: 'digits' } }),
    ).toEqual({ do: 'nothing' });
  });

  it('leaves a day between trainings for drift, and none to those for days', () => {
    const drifting = situation({
      policy: { template: 'digits', onDrift: true },
      drift: driftOf(0, 20 * HOUR),
      driftStartedAt: at(0),
    });
    expect(decideRetraining(drifting, at(DAY - 1))).toEqual({ do: 'nothing' });
    expect(decideRetraining(drifting, at(DAY))).toMatchObject({
      state: { phase: 'due' },
    });
    const both = { template: 'digits', onDrift: true, everyDays: 1 };
    expect(
      decideRetraining(
        { ...drifting, policy: both, driftStartedAt: at(23 * HOUR) },
        at(DAY),
      ),
    ).toMatchObject({ state: { because: { kind: 'days' } } });
  });

  it('submits what is due under the moment at which it became due', () => {
    const because = { kind: 'days', days: 7 } as const;
    const due = situation({ state: { phase: 'due', since: iso(5), because } });
    const first = decideRetraining(due, at(HOUR));
    expect(first).toEqual({ do: 'submit', because, at: iso(5) });
    expect(decideRetraining(due, at(2 * HOUR))).toEqual(first);
  });

  it('starts nothing new where the manifest does not say it any more, and looks after what runs', () => {
    const because = { kind: 'days', days: 7 } as const;
    const gone = { isWanted: false };
    const late = at(100 * DAY);
    expect(decideRetraining(situation(gone), late)).toEqual({ do: 'nothing' });
    const due = situation({
      ...gone,
      state: { phase: 'due', since: iso(0), because },
    });
    expect(decideRetraining(due, late)).toMatchObject({
      state: { phase: 'idle', since: late.toISOString() },
    });
    const done = situation({
      ...gone,
      state: training,
      job: { kind: 'succeeded', endedAt: at(HOUR), version: 4 },
    });
    expect(decideRetraining(done, late)).toMatchObject({
      state: { phase: 'registered', version: 4 },
    });
  });

  it('gives up what is due for a reason that was taken out of the manifest', () => {
    const due = situation({
      policy: { template: 'digits', everyDays: 7 },
      state: {
        phase: 'due',
        since: iso(0),
        because: { kind: 'drift', version: 3, since: iso(0) },
      },
    });
    expect(decideRetraining(due, at(HOUR))).toMatchObject({
      state: { phase: 'idle' },
    });
  });

  it('ends well with a version, and begins to count anew', () => {
    const look = situation({
      state: training,
      failures: 2,
      job: { kind: 'succeeded', endedAt: at(HOUR), version: 4 },
    });
    expect(decideRetraining(look, at(2 * HOUR))).toEqual({
      do: 'become',
      isNews: true,
      failures: 0,
      trainedAt: at(HOUR),
      state: {
        phase: 'registered',
        since: iso(2 * HOUR),
        job: 'j1',
        version: 4,
        nextAt: iso(HOUR + 7 * DAY),
      },
    });
  });

  it.each<[string, JobOutcome, string]>([
    [
      'that registers nothing',
      { kind: 'succeeded', endedAt: START },
      'registered no version',
    ],
    ['that fails', { kind: 'failed', reason: 'It broke.' }, 'It broke.'],
    ['that is gone', { kind: 'gone' }, 'The job is gone'],
  ])('fails with a job %s', (_what, job, reason) => {
    const look = situation({ state: training, job });
    expect(decideRetraining(look, at(HOUR))).toMatchObject({
      failures: 1,
      state: {
        phase: 'failed',
        reason: expect.stringContaining(reason),
        job: 'j1',
        retryAt: iso(2 * HOUR),
      },
    });
  });

  it('waits an hour after a failure, a day after the second, and is paused after the third', () => {
    const failure = {
      because: { kind: 'days', days: 7 },
      reason: 'It broke.',
    } as const;
    const after = (failures: number) =>
      afterFailure(situation({ failures }), failure, START).state;
    expect(after(0)).toMatchObject({ phase: 'failed', retryAt: iso(HOUR) });
    expect(after(1)).toMatchObject({ phase: 'failed', retryAt: iso(DAY) });
    expect(after(2)).toMatchObject({
      phase: 'paused',
      by: 'service:greenroom',
      reason: expect.stringMatching(/3 times.*It broke\.$/),
    });
  });

  it('is tried again when its time has come, and follows a job that somebody has tried again', () => {
    const because = { kind: 'days', days: 7 } as const;
    const state: RetrainingState = {
      phase: 'failed',
      since: iso(0),
      because,
      reason: 'It broke.',
      job: 'j1',
      retryAt: iso(HOUR),
    };
    const failed: JobOutcome = { kind: 'failed', reason: 'It broke.' };
    const look = situation({ state, failures: 1, job: failed });
    expect(decideRetraining(look, at(HOUR - 1))).toEqual({ do: 'nothing' });
    expect(decideRetraining(look, at(HOUR))).toMatchObject({
      state: { phase: 'due', because },
      failures: 1,
    });
    const open: JobOutcome = { kind: 'open' };
    expect(decideRetraining({ ...look, job: open }, at(1))).toMatchObject({
      state: { phase: 'training', job: 'j1', because },
    });
    // One without a version fails once, not at each look.
    const without: JobOutcome = { kind: 'succeeded', endedAt: START };
    expect(decideRetraining({ ...look, job: without }, at(1))).toEqual({
      do: 'nothing',
    });
  });

  it('is paused by whoever cancels its job', () => {
    const by = 'user:default/ada';
    const look = situation({ state: training, job: { kind: 'cancelled', by } });
    expect(decideRetraining(look, at(HOUR))).toMatchObject({
      state: { phase: 'paused', by, reason: 'Its job was cancelled.' },
      failures: 0,
    });
  });
});

describe('nextDrift', () => {
  const now = at(5 * HOUR);
  it('goes on while the same version drifts, and ends when it does not', () => {
    const before = driftOf(0, 5 * HOUR - 60_000);
    const seen = { version: 3, isDrifting: true };
    expect(nextDrift(undefined, seen, now)).toEqual(
      driftOf(5 * HOUR, 5 * HOUR),
    );
    expect(nextDrift(before, seen, now)).toEqual(driftOf(0, 5 * HOUR));
    expect(nextDrift(before, { ...seen, version: 4 }, now)).toMatchObject({
      version: 4,
      since: now,
    });
    expect(
      nextDrift(before, { ...seen, isDrifting: false }, now),
    ).toBeUndefined();
  });

  it('is kept while nobody asks for the model, for some time', () => {
    const at2 = (millis: number) => at(FORGOTTEN_AFTER_MILLIS + millis);
    const before = driftOf(0, 0);
    expect(nextDrift(before, undefined, at2(0))).toBe(before);
    expect(nextDrift(before, undefined, at2(1))).toBeUndefined();
    const seen = { version: 3, isDrifting: true };
    expect(nextDrift(before, seen, at2(1))?.since).toEqual(at2(1));
  });
});

/** What may happen between two looks. */
const stepArbitrary = fc.record({
  // Mostly within the time for which drift is remembered.
  minutes: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 119 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 * 24 * 60 }) },
  ),
  isDrifting: fc.constantFrom(true, true, true, true, true, false, undefined),
  isWanted: fc.constantFrom(true, true, true, true, false),
  /** What becomes of a job that runs. */
  outcome: fc.constantFrom(
    'open',
    'succeeded',
    'succeeded',
    'no-version',
    'failed',
    'cancelled',
    'refused',
  ),
  act: fc.constantFrom(undefined, undefined, undefined, 'pause', 'resume'),
});

describe('decideRetraining, whatever happens', () => {
  it('never runs two jobs at once, and starts none that is paused, unwanted or too early', () => {
    fc.assert(
      fc.property(
        fc.record({
          everyDays: fc.option(fc.integer({ min: 1, max: 5 }), {
            nil: undefined,
          }),
          onDrift: fc.boolean(),
        }),
        fc.array(stepArbitrary, { minLength: 20, maxLength: 100 }),
        (said, steps) => {
          const policy: RetrainingPolicy = { template: 'digits', ...said };
          const wrong: string[] = [];
          const check = (isRight: boolean, what: string) => {
            if (!isRight) wrong.push(what);
          };
          let look = situation({ policy });
          let now = START;
          let open: string | undefined;
          const asked = new Map<string, string>();
          let lastDriftAt: Date | undefined;
          for (const step of steps) {
            now = new Date(now.getTime() + step.minutes * 60_000);
            if (step.act === 'pause' && look.state.phase !== 'training') {
              look.state = {
                phase: 'paused',
                since: now.toISOString(),
                by: 'user:default/ada',
                reason: '',
              };
            }
            if (step.act === 'resume' && look.state.phase === 'paused') {
              look.state = { phase: 'idle', since: now.toISOString() };
              look.failures = 0;
            }
            let job: JobOutcome | undefined;
            if (open !== undefined) {
              const ends: Record<string, JobOutcome> = {
                succeeded: { kind: 'succeeded', endedAt: now, version: 4 },
                'no-version': { kind: 'succeeded', endedAt: now },
                failed: { kind: 'failed', reason: 'It broke.' },
                cancelled: { kind: 'cancelled', by: 'user:default/ada' },
              };
              job = ends[step.outcome] ?? { kind: 'open' };
              if (job.kind !== 'open') open = undefined;
            }
            look = {
              ...look,
              isWanted: step.isWanted,
              drift: nextDrift(
                look.drift,
                step.isDrifting === undefined
                  ? undefined
                  : { version: 3, isDrifting: step.isDrifting },
                now,
              ),
              job,
            };
            const before = look.state;
            let decision = decideRetraining(look, now);
            if (before.phase === 'paused') {
              check(decision.do === 'nothing', 'a paused one acts');
            }
            if (decision.do === 'submit') {
              check(open === undefined, 'two jobs at once');
              check(look.isWanted, 'one that is not wanted');
              check(!asked.has(decision.at), 'one moment twice');
              const { because } = decision;
              if (step.outcome === 'refused') {
                decision = afterFailure(look, { because, reason: 'No.' }, now);
              } else {
                open = `job of ${decision.at}`;
                asked.set(decision.at, open);
                look.state = {
                  phase: 'training',
                  since: now.toISOString(),
                  because,
                  job: open,
                };
              }
            }
            if (decision.do === 'become') {
              const { state, failures, trainedAt, driftStartedAt } = decision;
              check(failures <= 3, 'more failures than there are tries');
              if (state.phase === 'due' && before.phase !== 'failed') {
                if (state.because.kind === 'days') {
                  const from = look.trainedAt ?? look.firstSeenAt;
                  check(
                    now.getTime() - from.getTime() >= policy.everyDays! * DAY,
                    'before the days have passed',
                  );
                } else {
                  check(policy.onDrift === true, 'drift that does not count');
                  check(
                    look.drift!.seenAt.getTime() -
                      look.drift!.since.getTime() >=
                      CONFIRMED_AFTER_MILLIS,
                    'drift that does not stand',
                  );
                  check(
                    now.getTime() - (lastDriftAt?.getTime() ?? -Infinity) >=
                      DRIFT_PAUSE_MILLIS,
                    'two for drift within a day',
                  );
                  lastDriftAt = now;
                }
              }
              look = {
                ...look,
                state,
                failures,
                ...(trainedAt && { trainedAt }),
                ...(driftStartedAt && { driftStartedAt }),
              };
            }
          }
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
