import {
  judgeDeployment,
  type Look,
  WAIT_FOR_DATA_PLANE_MILLIS,
} from './judgeDeployment';

const WANTED = 'b'.repeat(40);
const EARLIER = 'a'.repeat(40);
const LATER = 'c'.repeat(40);

type Convergence = NonNullable<Look['deployment']>['convergence'];

const deployment = (
  commit: string,
  convergence: Convergence,
  dataPlanes: Partial<NonNullable<Look['deployment']>['dataPlanes']> = {},
): NonNullable<Look['deployment']> => ({
  wanted: { version: 2, digest: 'sha256:2', commit, since: '' },
  convergence,
  variants: [{ version: 1, digest: 'sha256:1', weightPercent: 100 }],
  dataPlanes: { ready: 1, total: 1, degraded: [], ...dataPlanes },
});

const judge = (
  look: Look,
  {
    change = 'set' as 'set' | 'removed',
    anyCommit = false,
    waitedMillis = 0,
  } = {},
) =>
  judgeDeployment({
    awaited: {
      environment: 'production',
      model: 'digits',
      path: 'environments/production/models/digits.yaml',
      commit: anyCommit ? undefined : WANTED,
      change,
    },
    look,
    isEarlier: one => one === EARLIER,
    waitedMillis,
  });

describe('judgeDeployment', () => {
  const desired = { commit: WANTED, version: 2 };

  it('waits until the registry and the data planes know of the commit', () => {
    for (const look of [
      {},
      { desired: { commit: EARLIER, version: 1 } },
      {
        desired: { commit: EARLIER, version: 1 },
        deployment: deployment(EARLIER, { state: 'serving' }),
        problem: { commit: EARLIER, message: 'an old fault' },
      },
    ]) {
      expect(judge(look)).toMatchObject({
        state: 'waiting',
        note: 'the registry has not read the commit yet',
      });
    }
    expect(
      judge({ desired, deployment: deployment(EARLIER, { state: 'serving' }) }),
    ).toMatchObject({
      state: 'waiting',
      note: 'the data planes have not been told yet',
    });
  });

  it('is done when all traffic is on the version, or nobody needs it', () => {
    expect(
      judge({ desired, deployment: deployment(WANTED, { state: 'serving' }) }),
    ).toEqual({
      state: 'done',
      outcome: 'serving',
      version: 2,
      note: 'version 2 has all traffic of production',
    });
    const asleep = { state: 'asleep', reason: 'sleeps', since: '' } as const;
    expect(
      judge({ desired, deployment: deployment(WANTED, asleep) }),
    ).toMatchObject({ state: 'done', outcome: 'asleep', note: 'sleeps' });
    const degraded = { state: 'degraded', reason: 'one lacks it' } as const;
    expect(
      judge({ desired, deployment: deployment(WANTED, degraded) }),
    ).toMatchObject({ state: 'done', outcome: 'degraded' });
  });

  it.each([
    { state: 'moving', reason: 'step 1 of 2' } as const,
    { state: 'waiting', reason: 'step 1 of 2', since: '' } as const,
    { state: 'paused', reason: 'step 1 of 2', since: '' } as const,
  ])('says what it waits for while it is $state', convergence => {
    expect(
      judge({ desired, deployment: deployment(WANTED, convergence) }),
    ).toEqual({
      state: 'waiting',
      version: 2,
      note: 'step 1 of 2 (100 % version 1)',
    });
  });

  it('fails with what the registry says of the manifest, and with why a version was taken back', () => {
    for (const commit of [WANTED, LATER]) {
      expect(
        judge({ desired, problem: { commit, message: 'spec.version: no' } }),
      ).toEqual({
        state: 'failed',
        outcome: 'refused',
        note: 'spec.version: no',
      });
    }
    const rejected = {
      state: 'rejected',
      reason: 'slower',
      since: '',
    } as const;
    expect(
      judge({ desired, deployment: deployment(WANTED, rejected) }),
    ).toMatchObject({ state: 'failed', outcome: 'rejected', note: 'slower' });
  });

  it('follows a later commit, and says so', () => {
    const later = { commit: LATER, version: 3 };
    expect(
      judge({
        desired: later,
        deployment: deployment(WANTED, { state: 'serving' }),
      }),
    ).toMatchObject({
      state: 'waiting',
      note: expect.stringMatching(/^commit c{12} came later/),
    });
    expect(
      judge({
        desired: later,
        deployment: deployment(LATER, { state: 'serving' }),
      }),
    ).toMatchObject({ state: 'done', outcome: 'serving', version: 3 });
  });

  it('does not wait for a data plane that nobody starts', () => {
    const convergence = {
      state: 'waiting',
      reason: 'none',
      since: '',
    } as const;
    const look = {
      desired,
      deployment: deployment(WANTED, convergence, { total: 0 }),
    };
    const waitedMillis = WAIT_FOR_DATA_PLANE_MILLIS + 1;
    expect(judge(look).state).toBe('waiting');
    expect(judge(look, { waitedMillis })).toMatchObject({
      state: 'failed',
      outcome: 'not-served',
    });
    const onDemand = {
      desired,
      deployment: deployment(WANTED, convergence, { total: 0, onDemand: true }),
    };
    expect(judge(onDemand, { waitedMillis }).state).toBe('waiting');
  });

  it('waits until what was removed is deployed no more', () => {
    const change = 'removed' as const;
    expect(
      judge({ desired: { commit: EARLIER, version: 1 } }, { change }),
    ).toMatchObject({ state: 'waiting' });
    expect(
      judge(
        { deployment: deployment(EARLIER, { state: 'serving' }) },
        { change },
      ),
    ).toMatchObject({ state: 'waiting', note: 'it is still deployed' });
    expect(judge({}, { change })).toMatchObject({
      state: 'done',
      outcome: 'removed',
    });
    expect(
      judge({ desired: { commit: LATER, version: 3 } }, { change }),
    ).toMatchObject({ state: 'waiting', version: 3 });
  });

  it('takes whatever the registry says where no commit was named', () => {
    expect(
      judge(
        {
          desired: { commit: EARLIER, version: 1 },
          deployment: deployment(EARLIER, { state: 'serving' }),
        },
        { anyCommit: true },
      ),
    ).toMatchObject({ state: 'done', outcome: 'serving', version: 1 });
  });
});
