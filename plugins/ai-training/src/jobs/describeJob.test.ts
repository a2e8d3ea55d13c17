import {
  type AttemptEnd,
  JOB_PHASES,
  type JobState,
  type QueueReason,
  type StartReason,
  type StopReason,
} from '@greenroom/plugin-ai-training-common';
import {
  describeEnd,
  describeQueueReason,
  describeStartReason,
  describeState,
  describeStopReason,
} from './describeJob';
import { ordinal } from './words';

/** One of each kind: a kind that is left out does not compile. */
type OneOfEach<T extends { kind: string }> = {
  [K in T['kind']]: Extract<T, { kind: K }>;
};

const BUDGET = {
  team: 'group:default/vision',
  amount: 100,
  spent: 100.5,
  currency: 'EUR',
};

const QUEUE_REASONS: OneOfEach<QueueReason> = {
  new: { kind: 'new' },
  'behind-others': { kind: 'behind-others', position: 3, flavor: 'a100' },
  'no-capacity': {
    kind: 'no-capacity',
    flavor: 'a100',
    needs: 4,
    free: 1,
    position: 1,
  },
  'over-quota': {
    kind: 'over-quota',
    flavor: 'a100',
    team: 'group:default/vision',
    needs: 2,
    used: 7,
    most: 8,
    position: 2,
  },
  'never-fits': {
    kind: 'never-fits',
    flavor: 'a100',
    needs: 16,
    most: 8,
    limit: 'capacity',
  },
  'no-flavor': { kind: 'no-flavor', flavor: 'h900' },
  preempted: { kind: 'preempted', by: 'job-9', position: 1 },
  'retry-pause': { kind: 'retry-pause', until: '2026-05-03T10:00:00.000Z' },
  'backend-away': { kind: 'backend-away', message: 'connect ECONNREFUSED' },
  'no-budget': { kind: 'no-budget', ...BUDGET },
};

const START_REASONS: OneOfEach<StartReason> = {
  creating: { kind: 'creating' },
  preparing: { kind: 'preparing', what: 'installing 12 Python packages' },
  'pulling-image': { kind: 'pulling-image' },
  'image-not-pulled': { kind: 'image-not-pulled', message: 'not found' },
  unschedulable: { kind: 'unschedulable', message: '0/3 nodes: no gpu' },
  waiting: { kind: 'waiting', message: 'ContainerCreating' },
  kueue: { kind: 'kueue', queue: 'gpus', position: 2, message: 'no quota' },
};

const STOP_REASONS: OneOfEach<StopReason> = {
  cancelled: { kind: 'cancelled', by: 'user:default/ada' },
  preempted: { kind: 'preempted', by: 'job-9' },
  deadline: { kind: 'deadline', minutes: 60 },
  'start-timeout': {
    kind: 'start-timeout',
    minutes: 10,
    reason: START_REASONS['image-not-pulled'],
  },
  'no-budget': { kind: 'no-budget', ...BUDGET },
};

const ENDS: OneOfEach<AttemptEnd> = {
  succeeded: { kind: 'succeeded' },
  'program-failed': {
    kind: 'program-failed',
    exitCode: 3,
    lastLines: 'ValueError: no rows\n',
  },
  'out-of-memory': { kind: 'out-of-memory', limitBytes: 2 * 1024 ** 3 },
  'disk-full': { kind: 'disk-full', message: 'no space left on /scratch' },
  evicted: { kind: 'evicted', message: 'the node is drained' },
  'image-not-pulled': { kind: 'image-not-pulled', message: 'no such tag' },
  'not-started': { kind: 'not-started', message: 'python is not there' },
  refused: { kind: 'refused', message: 'admission webhook says no' },
  lost: { kind: 'lost', message: 'somebody removed it' },
  stopped: { kind: 'stopped', why: STOP_REASONS.deadline },
};

const ALL = [
  ...Object.values(QUEUE_REASONS).map(describeQueueReason),
  ...Object.values(START_REASONS).map(describeStartReason),
  describeStartReason({ kind: 'kueue', queue: 'a', position: 2, before: 9 }),
  describeStartReason({
    kind: 'kueue',
    queue: 'a',
    position: 41,
    isEstimate: true,
    message: 'no quota',
  }),
  ...Object.values(STOP_REASONS).map(describeStopReason),
  ...Object.values(ENDS).map(describeEnd),
];

describe('describeJob', () => {
  it.each(ALL)('has a short title and whole sentences: $title', said => {
    expect(said.title).toMatch(/^[^ ].{3,70}[^.]$/);
    for (const text of [said.explanation, said.advice ?? 'None.']) {
      expect(text).toMatch(/^[A-Z0-9a-z'].*[.:]$/);
      expect(text).not.toMatch(/undefined|null|\[object|\.\./);
    }
    // Nobody calls a team by its entity ref.
    expect(JSON.stringify(said)).not.toContain('group:default/');
    expect(said.title).not.toMatch(/do not know/);
  });

  it('says which attempts a deadline is of: a Retry gives a new one', () => {
    expect(describeStopReason(STOP_REASONS.deadline)).toMatchObject({
      title: 'It used up its deadline of 60 minutes',
      explanation: expect.stringContaining('since the last Retry'),
    });
  });

  it('says the words that whoever waits needs', () => {
    const { 'no-capacity': full, 'over-quota': quota } = QUEUE_REASONS;
    expect(describeQueueReason(full).explanation).toContain(
      'needs 4 units of a100 where 1 is free',
    );
    expect(describeQueueReason(quota)).toMatchObject({
      title: 'vision uses all it may of a100',
      explanation: expect.stringContaining('uses 7 of the 8 units'),
      advice: expect.stringContaining('aiTraining.quotas'),
    });
    expect(describeQueueReason(QUEUE_REASONS['never-fits']).advice).toContain(
      'at most 8 units',
    );
    expect(
      describeQueueReason({ ...QUEUE_REASONS['never-fits'], limit: 'quota' }),
    ).toMatchObject({
      explanation: expect.stringContaining('its team may use at most 8'),
      advice: expect.stringContaining('raise the quota'),
    });
    expect(describeQueueReason(QUEUE_REASONS['no-budget']).explanation).toMatch(
      /EUR.100\.50 of the EUR.100\.00/,
    );
  });

  it('says how a program failed, with its last lines', () => {
    expect(describeEnd(ENDS['program-failed'])).toMatchObject({
      title: 'Its program ended with exit code 3',
      code: 'ValueError: no rows\n',
    });
    const silent = describeEnd({
      kind: 'program-failed',
      signal: 'SIGSEGV',
      lastLines: '',
    });
    expect(silent.title).toBe('Its program was ended by SIGSEGV');
    expect(silent.explanation).toBe('It wrote nothing before it ended.');
    expect(silent.code).toBeUndefined();
    expect(describeEnd(ENDS['out-of-memory']).explanation).toContain('2 GiB');
    expect(describeEnd({ kind: 'out-of-memory' }).explanation).toContain(
      'more memory than it may have',
    );
  });

  it('says what a job waited for that did not start in time', () => {
    expect(describeStopReason(STOP_REASONS['start-timeout'])).toMatchObject({
      title: 'It did not start within 10 minutes',
      explanation: expect.stringContaining('not found'),
      advice: expect.stringContaining('digest of the image'),
    });
  });

  it('describes each state', () => {
    const since = '2026-05-03T10:00:00.000Z';
    const states: {
      [P in JobState['phase']]: Extract<JobState, { phase: P }>;
    } = {
      queued: { phase: 'queued', since, reason: QUEUE_REASONS.new },
      starting: { phase: 'starting', since, reason: START_REASONS.creating },
      running: { phase: 'running', since },
      stopping: { phase: 'stopping', since, why: STOP_REASONS.cancelled },
      succeeded: { phase: 'succeeded', since },
      failed: { phase: 'failed', since, end: ENDS['out-of-memory'] },
      cancelled: { phase: 'cancelled', since, by: 'user:default/ada' },
    };
    expect(JOB_PHASES.map(phase => describeState(states[phase]).title)).toEqual(
      [
        'It has just come',
        'It is being made',
        'Its program runs',
        'Cancelled by ada',
        'It succeeded',
        'It ran out of memory',
        'Cancelled by ada',
      ],
    );
    expect(describeState(states.stopping).explanation).toContain('checkpoint');
  });

  it('does not break at a kind of a newer backend', () => {
    expect(
      describeState({ phase: 'paused' } as unknown as JobState).explanation,
    ).toBe('{"phase":"paused"}');
  });

  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [11, '11th'],
    [12, '12th'],
    [21, '21st'],
    [113, '113th'],
    [0, '0th'],
  ])('counts %s as %s', (position, text) => {
    expect(ordinal(position)).toBe(text);
  });
});
