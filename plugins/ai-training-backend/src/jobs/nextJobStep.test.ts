import type {
  AttemptEnd,
  JobState,
} from '@greenroom/plugin-ai-training-common';
import { type JobSituation, LOST_MILLIS, nextJobStep } from './nextJobStep';

const NOW = new Date('2026-05-03T10:00:00Z');
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const since = NOW.toISOString();
const starting: JobState = {
  phase: 'starting',
  since,
  reason: { kind: 'creating' },
};
const running: JobState = { phase: 'running', since };
const cancelled = { kind: 'cancelled', by: 'user:default/ada' } as const;
const preempted = { kind: 'preempted', by: 'other' } as const;

const step = (situation: Partial<JobSituation>) =>
  nextJobStep({
    now: NOW,
    state: running,
    failures: 0,
    retries: 2,
    deadlineMinutes: 60,
    ranMillis: 0,
    attempt: { startedAt: NOW, runningAt: NOW },
    observed: { phase: 'running', startedAt: since },
    ...situation,
  });
const end = (how: AttemptEnd, situation: Partial<JobSituation> = {}) =>
  step({ observed: { phase: 'ended', end: how }, ...situation });

describe('a queued job', () => {
  const queued: JobState = { phase: 'queued', since, reason: { kind: 'new' } };

  it('is a matter for the queue', () => {
    expect(step({ state: queued, observed: undefined })).toEqual({
      do: 'nothing',
    });
  });

  it('ends at once when somebody cancels it', () => {
    expect(
      step({ state: queued, wish: cancelled, observed: undefined }),
    ).toMatchObject({
      do: 'end',
      end: undefined,
      state: { phase: 'cancelled', by: 'user:default/ada' },
      isFailure: false,
    });
  });
});

describe('a job that is let start', () => {
  it('is begun again where nothing of it is there', () => {
    expect(step({ state: starting, observed: undefined })).toEqual({
      do: 'begin',
    });
  });

  it('is given up when it never comes', () => {
    const asked = { state: starting, observed: undefined, retries: 0 };
    expect(step({ ...asked, now: at(30) })).toEqual({ do: 'begin' });
    expect(step({ ...asked, now: at(30.1) })).toMatchObject({
      do: 'end',
      end: { kind: 'not-started' },
      state: { phase: 'failed' },
    });
  });

  it('shows what it waits for, once', () => {
    const reason = { kind: 'pulling-image' } as const;
    const shown = step({
      state: starting,
      observed: { phase: 'starting', reason },
    });
    expect(shown).toMatchObject({
      do: 'show',
      state: { reason },
      isNews: true,
    });
    const preparing = (what: string) => ({ kind: 'preparing', what } as const);
    expect(
      step({
        state: { ...starting, reason: preparing('one') },
        observed: { phase: 'starting', reason: preparing('two') },
        now: at(1),
      }),
    ).toMatchObject({ isNews: false, state: { since } });
    expect(
      step({
        state: { ...starting, reason },
        observed: { phase: 'starting', reason },
      }),
    ).toEqual({ do: 'nothing' });
  });

  it.each([
    [{ kind: 'unschedulable', message: 'no node' } as const, 30],
    [{ kind: 'image-not-pulled', message: 'no such tag' } as const, 10],
  ])('is ended when it waits too long: %j', (reason, minutes) => {
    const waiting = {
      state: { ...starting, reason },
      observed: { phase: 'starting', reason } as const,
    };
    expect(step({ ...waiting, now: at(minutes) })).toEqual({ do: 'nothing' });
    expect(step({ ...waiting, now: at(minutes + 0.1) })).toMatchObject({
      do: 'stop',
      state: { why: { kind: 'start-timeout', minutes, reason } },
    });
  });

  it('waits for Kueue as long as it takes', () => {
    const reason = { kind: 'kueue', queue: 'team-a' } as const;
    expect(
      step({
        state: { ...starting, reason },
        observed: { phase: 'starting', reason },
        now: at(10_000),
      }),
    ).toEqual({ do: 'nothing' });
  });

  it('may take as long to start as others once Kueue has let it go', () => {
    const pulling = { phase: 'starting', reason: { kind: 'pulling-image' } };
    const after = (minutes: number) =>
      step({
        state: { ...starting, reason: { kind: 'pulling-image' } },
        attempt: { startedAt: at(-300), heldUntil: at(-minutes) },
        observed: pulling as JobSituation['observed'],
      });
    expect(after(30)).toEqual({ do: 'nothing' });
    expect(after(30.1)).toMatchObject({
      do: 'stop',
      state: { why: { kind: 'start-timeout', minutes: 30 } },
    });
  });

  it('changes nothing for the order of keys, which is another one in the database', () => {
    expect(
      step({
        state: {
          ...starting,
          reason: {
            message: 'no quota',
            position: 2,
            queue: 'a',
            kind: 'kueue',
          },
        },
        observed: {
          phase: 'starting',
          reason: {
            kind: 'kueue',
            queue: 'a',
            position: 2,
            message: 'no quota',
          },
        },
      }),
    ).toEqual({ do: 'nothing' });
  });

  it('runs when its program does', () => {
    expect(
      step({ state: starting, attempt: { startedAt: at(-1) } }),
    ).toMatchObject({
      do: 'show',
      state: { phase: 'running' },
      runningAt: NOW,
    });
  });
});

describe('a running job', () => {
  it('waits again when Kueue has taken its place', () => {
    const reason = { kind: 'kueue', queue: 'team-a' } as const;
    expect(step({ observed: { phase: 'starting', reason } })).toMatchObject({
      do: 'show',
      state: { phase: 'starting', reason },
      isNews: true,
    });
    expect(
      step({
        observed: { phase: 'starting', reason: { kind: 'pulling-image' } },
      }),
    ).toEqual({ do: 'nothing' });
  });

  it('goes on while its backend is away, also when somebody wants it to end', () => {
    for (const wish of [undefined, cancelled]) {
      expect(step({ observed: 'away', wish })).toEqual({ do: 'nothing' });
    }
  });

  it('has no time counted against its deadline in which Kueue held it', () => {
    const after = (heldMinutes: number) =>
      step({
        attempt: {
          startedAt: at(-200),
          runningAt: at(-180),
          heldMillis: heldMinutes * 60_000,
        },
        now: at(0),
      });
    // It may run for an hour.
    expect(after(121)).toEqual({ do: 'nothing' });
    expect(after(119)).toMatchObject({
      do: 'stop',
      state: { why: { kind: 'deadline' } },
    });
  });

  it('is ended at its deadline, with what earlier attempts have run', () => {
    const half = { ranMillis: 30 * 60_000 };
    expect(step({ ...half, now: at(30) })).toEqual({ do: 'nothing' });
    expect(step({ ...half, now: at(30.1) })).toMatchObject({
      do: 'stop',
      state: { why: { kind: 'deadline', minutes: 60 } },
    });
  });

  it('is lost when nobody has seen it for a minute', () => {
    const gone = { observed: undefined };
    expect(step(gone)).toEqual({ do: 'miss' });
    const attempt = { startedAt: NOW, runningAt: NOW, missingSince: NOW };
    const soon = new Date(NOW.getTime() + LOST_MILLIS - 1);
    expect(step({ ...gone, attempt, now: soon })).toEqual({ do: 'nothing' });
    const late = new Date(NOW.getTime() + LOST_MILLIS);
    expect(step({ ...gone, attempt, now: late })).toMatchObject({
      do: 'end',
      end: { kind: 'lost' },
      state: { phase: 'queued', reason: { kind: 'retry-pause' } },
    });
  });
});

describe('the end of an attempt', () => {
  it.each([
    { kind: 'program-failed', exitCode: 1, lastLines: 'boom' },
    { kind: 'out-of-memory' },
    { kind: 'refused', message: 'no image' },
  ] as AttemptEnd[])('is that of the job: %j', how => {
    expect(end(how)).toMatchObject({ state: { phase: 'failed', end: how } });
  });

  it.each([
    { kind: 'evicted', message: 'drained' },
    { kind: 'lost', message: 'gone' },
    { kind: 'not-started', message: 'no room' },
    { kind: 'disk-full', message: 'no space' },
  ] as AttemptEnd[])(
    'by no fault of the program is tried again, later each time: %j',
    how => {
      const first = end(how);
      expect(first).toMatchObject({
        state: { phase: 'queued' },
        retryAt: new Date(NOW.getTime() + 15_000),
        isFailure: true,
      });
      expect(end(how, { failures: 1 })).toMatchObject({
        retryAt: new Date(NOW.getTime() + 30_000),
      });
      expect(end(how, { failures: 2 })).toMatchObject({
        state: { phase: 'failed', end: how },
      });
    },
  );

  it('is told of the attempt, and the job is cancelled, when somebody wanted that before', () => {
    const how = { kind: 'program-failed', exitCode: 1, lastLines: '' } as const;
    for (const state of [starting, running]) {
      expect(end(how, { state, wish: cancelled })).toMatchObject({
        end: how,
        state: { phase: 'cancelled' },
        isFailure: false,
      });
    }
    expect(end(how, { wish: preempted })).toMatchObject({
      state: { phase: 'failed', end: how },
    });
    expect(end({ kind: 'succeeded' }, { wish: cancelled })).toMatchObject({
      state: { phase: 'succeeded' },
    });
  });

  it('by eviction is not tried again when somebody wants it to end', () => {
    expect(
      end({ kind: 'evicted', message: 'drained' }, { wish: cancelled }),
    ).toMatchObject({ state: { phase: 'cancelled' } });
  });
});

describe('a job that is stopped', () => {
  const stopping = (why: typeof cancelled | typeof preempted): JobState => ({
    phase: 'stopping',
    since,
    why,
  });

  it('is told again until it has ended', () => {
    const state = stopping(cancelled);
    expect(step({ state })).toEqual({ do: 'stop', state });
  });

  it('is cancelled, however its program ended', () => {
    for (const observed of [
      undefined,
      { phase: 'ended', end: { kind: 'succeeded' } } as const,
    ]) {
      expect(step({ state: stopping(cancelled), observed })).toMatchObject({
        do: 'end',
        state: { phase: 'cancelled' },
      });
    }
  });

  it('goes back into the queue when it made room, and that is no failure', () => {
    expect(
      step({
        state: stopping(preempted),
        observed: {
          phase: 'ended',
          end: { kind: 'program-failed', exitCode: 143, lastLines: '' },
        },
        failures: 2,
      }),
    ).toMatchObject({
      end: { kind: 'stopped', why: preempted },
      state: { phase: 'queued', reason: { kind: 'preempted', by: 'other' } },
      isFailure: false,
    });
  });

  it('is cancelled when somebody wants that while it makes room', () => {
    for (const observed of [
      undefined,
      { phase: 'ended', end: { kind: 'succeeded' } } as const,
    ]) {
      expect(
        step({ state: stopping(preempted), wish: cancelled, observed }),
      ).toMatchObject({ state: { phase: 'cancelled' } });
    }
  });

  it('has succeeded when it was done before it made room', () => {
    expect(
      step({
        state: stopping(preempted),
        observed: { phase: 'ended', end: { kind: 'succeeded' } },
      }),
    ).toMatchObject({ state: { phase: 'succeeded' } });
  });
});
