import type { Stay } from '../Stays';
import { nextVersion } from './nextVersion';

const now = new Date('2026-05-03T12:00:00Z');
const served: Stay = {
  since: '2026-05-03T10:00:00.000Z',
  servedFrom: '2026-05-03T11:00:00.000Z',
  state: 'serving',
};
const ask = (
  options: {
    version?: number;
    stay?: Stay;
    running?: number;
    promotesFrom?: string;
    soakSeconds?: number;
    asks?: { path: boolean; soak: boolean };
  } = {},
) => {
  const { version = 3, stay, running, promotesFrom, soakSeconds } = options;
  return nextVersion({
    environment: { promotesFrom, soakSeconds },
    offer: { version, stay },
    running,
    asks: options.asks ?? { path: true, soak: true },
    now,
  });
};

describe('nextVersion', () => {
  it('takes the newest where versions come in', () => {
    expect(ask()).toEqual({ version: 3, eligible: true });
    expect(ask({ running: 2 })).toEqual({ version: 3, eligible: true });
  });

  it('has nothing next where nothing newer is offered', () => {
    expect(ask({ running: 3 })).toBeUndefined();
    expect(ask({ running: 4 })).toBeUndefined();
    const none = { environment: {}, offer: undefined, running: 1, now };
    expect(
      nextVersion({ ...none, asks: { path: true, soak: true } }),
    ).toBeUndefined();
  });

  it('takes what has arrived in the environment before, and says why not yet', () => {
    const promotesFrom = 'staging';
    expect(ask({ promotesFrom, stay: served })).toEqual({
      version: 3,
      eligible: true,
    });
    expect(
      ask({ promotesFrom, stay: { since: served.since, state: 'moving' } }),
    ).toEqual({
      version: 3,
      eligible: false,
      reason: 'Version 3 is still on its way to staging.',
    });
    expect(ask({ promotesFrom })).toMatchObject({ eligible: false });
  });

  it('does not take what did not pass what it was asked where it serves', () => {
    const stay = { ...served, isUnverified: true as const, note: 'It lies.' };
    expect(ask({ promotesFrom: 'staging', stay })).toEqual({
      version: 3,
      eligible: false,
      reason:
        'Version 3 serves in staging, and did not pass what it is asked there. It lies.',
    });
  });

  it('waits for the time that it has to serve, and says until when', () => {
    const promotesFrom = 'staging';
    expect(
      ask({ promotesFrom, stay: served, soakSeconds: 7_200 }),
    ).toMatchObject({
      eligible: false,
      reason: expect.stringContaining('2 hours'),
      until: '2026-05-03T13:00:00.000Z',
    });
    expect(ask({ promotesFrom, stay: served, soakSeconds: 3_600 })).toEqual({
      version: 3,
      eligible: true,
    });
  });

  it('does not ask for what is switched off', () => {
    const asks = { path: false, soak: false };
    expect(ask({ promotesFrom: 'staging', soakSeconds: 7_200, asks })).toEqual({
      version: 3,
      eligible: true,
    });
  });
});
