import { describeTimes } from './describeTimes';

function at(reason: string) {
  return {
    rrule: 'FREQ=WEEKLY;BYDAY=SA',
    start: '2024-01-01T00:00',
    duration: { days: 2 },
    timeZone: 'Europe/Zurich',
    reason,
  };
}

describe('describeTimes', () => {
  it.each([
    [{}, ''],
    [
      { promotesFrom: 'dev', soakSeconds: 86_400 },
      'It is merged once the version has served in dev for 1 day.',
    ],
    [
      { promotesFrom: 'dev', soakSeconds: 129_600 },
      'It is merged once the version has served in dev for 36 hours.',
    ],
    [
      { freeze: [at('Nobody watches at weekends'), at('The books close.')] },
      'There are times at which nothing is merged: Nobody watches at weekends. The books close.',
    ],
    [
      { schedule: [at('Releases are on Tuesdays')] },
      'It is merged only at set times: Releases are on Tuesdays.',
    ],
  ])('says of %j what is waited for', (environment, sentences) => {
    expect(describeTimes(environment)).toBe(sentences);
  });
});
