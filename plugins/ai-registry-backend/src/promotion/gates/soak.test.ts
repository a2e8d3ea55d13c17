import type { Stay } from '../Stays';
import { describeSeconds, judgeSoak } from './soak';

const SINCE = '2026-05-01T12:00:00.000Z';
const judge = (stay: Stay | undefined, now: string) =>
  judgeSoak({
    version: 2,
    from: 'staging',
    soakSeconds: 86_400,
    stay,
    now: new Date(now),
  });

describe('soak', () => {
  const serving: Stay = { since: SINCE, servedFrom: SINCE, state: 'serving' };

  it('waits until the version has served for long enough, and says when', () => {
    expect(judge(serving, '2026-05-02T11:59:59Z')).toMatchObject({
      status: 'waiting',
      until: '2026-05-02T12:00:00.000Z',
      summary: 'Version 2 is to serve in staging for 1 day before it goes on.',
    });
    expect(judge(serving, '2026-05-02T12:00:00Z')).toMatchObject({
      status: 'passed',
    });
  });

  it('counts no time after something else was asked for there', () => {
    const replaced = (until: string) =>
      judge({ ...serving, until }, '2026-06-01T00:00:00Z');
    expect(replaced('2026-05-01T15:30:00.000Z')).toMatchObject({
      status: 'failed',
      summary: expect.stringContaining('for 3 hours 30 minutes of 1 day'),
    });
    expect(replaced('2026-05-03T00:00:00.000Z')).toMatchObject({
      status: 'passed',
    });
  });

  it.each<[Stay | undefined, string]>([
    [undefined, 'failed'],
    [{ since: SINCE, state: 'not-served' }, 'failed'],
    [{ since: SINCE, state: 'rejected' }, 'failed'],
    [{ since: SINCE, state: 'moving' }, 'waiting'],
    [{ since: SINCE, until: SINCE, state: 'moving' }, 'failed'],
  ])('does not count what had no traffic: %j', (stay, status) => {
    expect(judge(stay, '2026-06-01T00:00:00Z')).toMatchObject({ status });
  });

  it('tells times as people do', () => {
    expect(
      [0, 59, 3_600, 90_061].map(seconds => describeSeconds(seconds)),
    ).toEqual(['no time', '59 seconds', '1 hour', '1 day 1 hour']);
  });
});
