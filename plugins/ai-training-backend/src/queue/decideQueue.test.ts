import { decideQueue } from './decideQueue';
import { DEFAULT_QUEUE_SETTINGS, type QueueJob, type TeamQuota } from './queue';

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;

let sequence = 0;

/** Came a minute ago, and needs one GPU. */
function queued(id: string, fields: Partial<QueueJob> = {}): QueueJob {
  sequence++;
  return {
    id,
    backend: 'local',
    flavor: 'gpu',
    units: 1,
    team: 'red',
    priority: 'normal',
    submittedAtMillis: NOW - MINUTE,
    sequence,
    preemptible: true,
    state: { phase: 'queued' },
    ...fields,
  };
}

function running(id: string, fields: Partial<QueueJob> = {}): QueueJob {
  return queued(id, {
    state: { phase: 'running', startedAtMillis: NOW - 5 * MINUTE },
    ...fields,
  });
}

/** `gpus` at the one backend that there is. */
function decide(
  jobs: QueueJob[],
  gpus: number | undefined,
  quotas: Partial<TeamQuota>[] = [],
) {
  const { reasons, ...rest } = decideQueue({
    nowMillis: NOW,
    jobs,
    quotas: quotas.map(quota => ({
      team: 'red',
      flavor: 'gpu',
      nominal: 0,
      weight: 1,
      ...quota,
    })),
    capacity: new Map([['local', new Map([['gpu', gpus]])]]),
    settings: DEFAULT_QUEUE_SETTINGS,
  });
  return { ...rest, reasons: Object.fromEntries(reasons) };
}

const LONG_AGO = { submittedAtMillis: NOW - 30 * MINUTE };
const NOTHING = { starts: [], preemptions: [], reasons: {} };

describe('without quotas', () => {
  it('starts what there is room for, in the order of submission', () => {
    expect(decide([], 4)).toEqual(NOTHING);
    expect(decide([queued('a'), queued('b'), queued('c')], 2)).toEqual({
      ...NOTHING,
      starts: ['a', 'b'],
      reasons: {
        c: {
          kind: 'no-capacity',
          flavor: 'gpu',
          needs: 1,
          free: 0,
          position: 1,
        },
      },
    });
  });

  it('takes the one with the lower number of two of the same time, then the lower id', () => {
    const same = { sequence: 7 };
    expect(decide([queued('b', same), queued('a', same)], 1).starts).toEqual([
      'a',
    ]);
    expect(
      decide([queued('a', { sequence: 9 }), queued('b', { sequence: 8 })], 1)
        .starts,
    ).toEqual(['b']);
  });

  it('prefers a higher priority, until the lower one has waited for an hour longer', () => {
    const low = (minutes: number) =>
      queued('low', {
        priority: 'low',
        submittedAtMillis: NOW - minutes * MINUTE,
      });
    const normal = queued('normal', { submittedAtMillis: NOW });
    expect(decide([low(59), normal], 1).starts).toEqual(['normal']);
    expect(decide([low(61), normal], 1).starts).toEqual(['low']);
  });

  it('lets small jobs pass a large one for a while only', () => {
    const jobs = [running('r', { units: 2 }), queued('small')];
    expect(decide([queued('large', { units: 4 }), ...jobs], 4)).toMatchObject({
      starts: ['small'],
      reasons: { large: { kind: 'no-capacity', needs: 4, free: 1 } },
    });
    expect(
      decide([queued('large', { units: 4, ...LONG_AGO }), ...jobs], 4),
    ).toEqual({
      ...NOTHING,
      reasons: {
        large: {
          kind: 'no-capacity',
          flavor: 'gpu',
          needs: 4,
          free: 2,
          position: 1,
        },
        small: { kind: 'behind-others', flavor: 'gpu', position: 2 },
      },
    });
  });

  it('says which jobs can never start, and starts those behind them', () => {
    const jobs = [queued('huge', { units: 5, ...LONG_AGO }), queued('small')];
    expect(decide(jobs, 4)).toEqual({
      ...NOTHING,
      starts: ['small'],
      reasons: {
        huge: {
          kind: 'never-fits',
          flavor: 'gpu',
          needs: 5,
          most: 4,
          limit: 'capacity',
        },
      },
    });
    expect(
      decide(
        [queued('odd', { flavor: 'tpu' }), queued('far', { backend: 'x' })],
        4,
      ).reasons,
    ).toEqual({
      odd: { kind: 'no-flavor', flavor: 'tpu' },
      far: { kind: 'no-flavor', flavor: 'gpu' },
    });
  });

  it('has no bound where nobody knows the capacity', () => {
    expect(
      decide([queued('huge', { units: 5_000 })], undefined).starts,
    ).toEqual(['huge']);
  });

  it('stops nothing where the capacity has become less than what runs', () => {
    expect(decide([running('r', { units: 4 }), queued('q')], 2)).toEqual({
      ...NOTHING,
      reasons: {
        q: {
          kind: 'no-capacity',
          flavor: 'gpu',
          needs: 1,
          free: 0,
          position: 1,
        },
      },
    });
  });

  it('gives a team with one job its turn beside one with thousands', () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      queued(`many-${index}`, LONG_AGO),
    );
    const { starts, reasons } = decide(
      [...many, queued('one', { team: 'green' })],
      2,
    );
    expect(starts).toEqual(['many-0', 'one']);
    expect(reasons['many-9999']).toEqual({
      kind: 'behind-others',
      flavor: 'gpu',
      position: 9_999,
    });
  });

  it('tells a team with one job of the place at which it will come, not of the end', () => {
    const many = Array.from({ length: 100 }, (_, index) =>
      queued(`many-${index}`, LONG_AGO),
    );
    const { reasons } = decide(
      [running('r'), ...many, queued('one', { team: 'green' })],
      1,
    );
    expect(reasons.one).toMatchObject({ kind: 'no-capacity', position: 1 });
    expect(reasons['many-0']).toMatchObject({ position: 2 });
  });
});

describe('with quotas', () => {
  const OWNER = { team: 'owner', nominal: 4 };

  it('starts what is within a team its own first, then what borrows least by its weight', () => {
    const jobs = [
      running('r1', { team: 'red' }),
      running('r2', { team: 'green', units: 2 }),
      queued('red', { ...LONG_AGO }),
      queued('green', { team: 'green' }),
      queued('own', { team: 'owner' }),
    ];
    const quotas = [OWNER, { team: 'green', weight: 3 }];
    expect(decide(jobs, 6, quotas).starts).toEqual(['own', 'green', 'red']);
  });

  it('says when a team has what it may have, and lets the others go on', () => {
    const jobs = [
      running('r', { units: 2 }),
      queued('q', { units: 2, ...LONG_AGO }),
      queued('other', { team: 'green' }),
    ];
    expect(decide(jobs, 8, [{ nominal: 2, borrow: 1 }])).toEqual({
      ...NOTHING,
      starts: ['other'],
      reasons: {
        q: {
          kind: 'over-quota',
          flavor: 'gpu',
          team: 'red',
          needs: 2,
          used: 2,
          most: 3,
          position: 1,
        },
      },
    });
  });

  it('keeps room in its quota for the job of a team that has waited', () => {
    const jobs = (fields: Partial<QueueJob>) => [
      running('r', { units: 2 }),
      queued('large', { units: 2, ...fields }),
      queued('small'),
    ];
    const quotas = [{ nominal: 2, borrow: 1 }];
    expect(decide(jobs({}), 8, quotas).starts).toEqual(['small']);
    expect(decide(jobs(LONG_AGO), 8, quotas)).toMatchObject({
      starts: [],
      reasons: {
        large: { kind: 'over-quota', position: 1 },
        small: { kind: 'behind-others', position: 2 },
      },
    });
  });

  it('says which jobs are more than their team may ever have', () => {
    expect(
      decide([queued('q', { units: 4 })], 8, [{ nominal: 2, borrow: 1 }])
        .reasons,
    ).toEqual({
      q: {
        kind: 'never-fits',
        flavor: 'gpu',
        needs: 4,
        most: 3,
        limit: 'quota',
      },
    });
  });

  it('lends no more than teams have of their own where nobody knows the capacity', () => {
    const jobs = [queued('a', { units: 3 }), queued('b', { units: 2 })];
    expect(decide(jobs, undefined, [OWNER])).toMatchObject({
      starts: ['a'],
      reasons: { b: { kind: 'no-capacity', free: 1 } },
    });
    expect(
      decide([queued('c', { units: 5 })], undefined, [OWNER]).reasons.c,
    ).toMatchObject({ kind: 'never-fits', most: 4, limit: 'quota' });
  });

  it('takes back what is borrowed: the lowest priority, then the newest, and no more than it needs', () => {
    const at = (minutes: number) => ({
      state: {
        phase: 'running' as const,
        startedAtMillis: NOW - minutes * MINUTE,
      },
    });
    const borrowers = [
      running('old', at(50)),
      running('new', at(1)),
      running('low', { ...at(60), priority: 'low' }),
      running('fixed', { ...at(0), preemptible: false }),
    ];
    const owed = (units: number) => queued('owed', { team: 'owner', units });
    const stopped = (units: number) =>
      decide([...borrowers, owed(units)], 4, [OWNER]).preemptions;
    expect(stopped(1)).toEqual([{ job: 'low', by: 'owed' }]);
    expect(stopped(2).map(({ job }) => job)).toEqual(['low', 'new']);
    expect(stopped(3).map(({ job }) => job)).toEqual(['low', 'new', 'old']);
    // One cannot be stopped: it would not be enough.
    expect(stopped(4)).toEqual([]);
  });

  it('spares what turns out not to be needed', () => {
    const jobs = [
      running('small', { priority: 'low' }),
      running('large', { units: 3 }),
      queued('owed', { team: 'owner', units: 3 }),
    ];
    expect(decide(jobs, 4, [OWNER]).preemptions).toEqual([
      { job: 'large', by: 'owed' },
    ]);
  });

  it('never takes what is a team its own, nor for a job beyond its own', () => {
    const jobs = [running('r', { units: 2 }), running('s', { units: 2 })];
    const quotas = [{ team: 'owner', nominal: 2 }, { nominal: 2 }];
    expect(
      decide([...jobs, queued('two', { team: 'owner', units: 2 })], 4, quotas)
        .preemptions,
    ).toEqual([{ job: 's', by: 'two' }]);
    expect(
      decide([...jobs, queued('three', { team: 'owner', units: 3 })], 4, quotas)
        .preemptions,
    ).toEqual([]);
    expect(
      decide([...jobs, queued('two', { team: 'owner', units: 2 })], 4, [
        { team: 'owner', nominal: 2 },
        { nominal: 4 },
      ]).preemptions,
    ).toEqual([]);
  });

  it('keeps the room that is being made, and makes it once', () => {
    const jobs = [
      running('going', { units: 2, state: { phase: 'stopping' } }),
      running('staying'),
      queued('owed', { team: 'owner', units: 3 }),
      queued('back', {
        ...LONG_AGO,
        state: { phase: 'queued', preemptedBy: 'owed' },
      }),
    ];
    expect(decide(jobs, 4, [OWNER])).toEqual({
      ...NOTHING,
      reasons: {
        owed: {
          kind: 'no-capacity',
          flavor: 'gpu',
          needs: 3,
          free: 1,
          position: 1,
        },
        back: { kind: 'preempted', by: 'owed', position: 2 },
      },
    });
  });

  it('does not let a team borrow at another backend while room is made for its own', () => {
    const { starts, preemptions, reasons } = decideQueue({
      nowMillis: NOW,
      jobs: [
        running('r', { units: 2 }),
        queued('owed', { team: 'owner' }),
        queued('more', { team: 'owner', backend: 'cluster' }),
      ],
      quotas: [{ team: 'owner', flavor: 'gpu', nominal: 1, weight: 1 }],
      capacity: new Map([
        ['local', new Map([['gpu', 2]])],
        ['cluster', new Map([['gpu', 2]])],
      ]),
      settings: DEFAULT_QUEUE_SETTINGS,
    });
    expect(preemptions).toEqual([{ job: 'r', by: 'owed' }]);
    expect(starts).toEqual([]);
    expect(reasons.get('more')?.kind).toBe('behind-others');
  });

  it('still owes a job its room when what was stopped for it is gone', () => {
    const quotas = [
      { team: 'owner', nominal: 2 },
      { team: 'red', nominal: 4 },
    ];
    const large = queued('large', { team: 'owner', units: 8, ...LONG_AGO });
    const small = queued('small', { team: 'owner', units: 2 });
    expect(
      decide([running('r', { units: 8 }), large, small], 8, quotas).preemptions,
    ).toEqual([{ job: 'r', by: 'small' }]);
    const back = queued('r', {
      units: 8,
      submittedAtMillis: NOW - 60 * MINUTE,
      state: { phase: 'queued', preemptedBy: 'small' },
    });
    expect(decide([back, large, small], 8, quotas).starts).toEqual(['small']);
  });

  it('does not stop again what is stopping', () => {
    const jobs = [
      running('going', { units: 2, state: { phase: 'stopping' } }),
      running('fixed', { preemptible: false }),
      queued('owed', { team: 'owner', units: 4 }),
    ];
    expect(decide(jobs, 4, [OWNER]).preemptions).toEqual([]);
  });

  it('keeps nothing for a job that others’ own use leaves no room for', () => {
    const jobs = [
      running('own', { team: 'owner', units: 4 }),
      queued('large', { units: 5, ...LONG_AGO }),
      queued('small'),
    ];
    expect(decide(jobs, 8, [OWNER]).starts).toEqual(['small']);
    expect(decide(jobs, 9, [OWNER]).starts).toEqual(['large']);
  });

  it('does not let the small jobs of a team pass its large one for ever, though they are within its own', () => {
    const jobs = [
      running('other', { units: 2 }),
      queued('large', { team: 'owner', units: 6, ...LONG_AGO }),
      queued('small', { team: 'owner' }),
    ];
    expect(decide(jobs, 7, [OWNER])).toMatchObject({
      starts: [],
      preemptions: [],
      reasons: {
        large: { kind: 'no-capacity', position: 1 },
        small: { kind: 'behind-others', position: 2 },
      },
    });
  });
});
