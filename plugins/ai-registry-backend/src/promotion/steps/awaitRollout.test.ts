import type { Serving } from '../../environments/ServingState';
import { judgeRollout } from './awaitRollout';

const promotion = { id: 'p-1', environment: 'dev', version: 2 };
const desired = { commit: 'abc', version: 2, promotionId: 'p-1' };

const judge = (serving: Partial<Serving> | undefined, waitedMillis = 0) =>
  judgeRollout({
    promotion,
    desired,
    serving: serving && {
      commit: 'abc',
      variants: [],
      dataPlanes: 0,
      onDemand: true,
      state: 'moving',
      acts: [],
      ...serving,
    },
    waitedMillis,
  });
const HOUR_MILLIS = 60 * 60_000;

describe('judgeRollout', () => {
  it.each<[string, Partial<Serving>, string]>([
    [
      'is started for the commit',
      { commit: 'before', state: 'asleep', reason: 'It sleeps' },
      'The commit is to be acted on; a data plane of dev starts for it.',
    ],
    [
      'starts',
      { reason: 'The data plane of dev starts' },
      'The data plane of dev starts',
    ],
    [
      'does not come up',
      {
        state: 'waiting',
        reason: 'The data plane of dev does not run: its port is taken',
      },
      'The data plane of dev does not run: its port is taken',
    ],
    [
      'loads it',
      { dataPlanes: 1, reason: 'The data plane at http://a loads it' },
      'The data plane at http://a loads it',
    ],
  ])(
    'waits, however long, while a data plane on demand %s',
    (_what, serving, waitingFor) => {
      expect(judge(serving, HOUR_MILLIS)).toEqual({ waitingFor });
    },
  );

  it('ends as served nowhere when somebody keeps the data plane asleep', () => {
    const asleep = {
      state: 'asleep',
      reason: 'The data plane of dev sleeps: somebody stopped it',
    } as const;
    expect(judge(asleep, 59_999)).toEqual({ waitingFor: asleep.reason });
    expect(judge(asleep, 60_000)).toEqual({
      outcome: {
        kind: 'not-served',
        note: 'Version 2 is what is loaded there next. The data plane of dev sleeps: somebody stopped it.',
      },
    });
  });

  it('waits a minute for a data plane that others start', () => {
    const nobody = { onDemand: false, state: 'waiting' } as const;
    expect(judge(nobody, 59_999)).toEqual({
      waitingFor: 'A data plane of dev is to report.',
    });
    expect(judge(nobody, 60_000)).toMatchObject({
      outcome: { kind: 'not-served' },
    });
    expect(judge(undefined, 60_000)).toMatchObject({
      outcome: { kind: 'not-served' },
    });
  });

  it('ends when it serves', () => {
    expect(judge({ state: 'serving', dataPlanes: 1 })).toMatchObject({
      outcome: { kind: 'serving' },
    });
  });
});
