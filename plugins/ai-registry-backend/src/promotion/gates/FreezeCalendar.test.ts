import type { FreezeWindow } from '@greenroom/plugin-ai-registry-common';
import { FreezeCalendar } from './FreezeCalendar';

const WEEKEND: FreezeWindow = {
  rrule: 'FREQ=WEEKLY;BYDAY=FR',
  start: '2024-01-01T18:00',
  duration: { days: 2, hours: 14 },
  timeZone: 'Europe/Zurich',
  reason: 'Nobody watches at weekends',
};

const find = (windows: FreezeWindow[], at: string) => {
  const found = new FreezeCalendar(windows, 'freeze').find(new Date(at));
  return found && { ...found, until: found.until?.toISOString() };
};

describe('FreezeCalendar', () => {
  it.each([
    // Friday 18:00 of the winter is 17:00 UTC; the clocks go forward on Sunday the 29th of March.
    ['2026-03-27T16:59:00Z', undefined],
    ['2026-03-27T17:00:00Z', '2026-03-30T06:00:00.000Z'],
    ['2026-03-30T05:59:59Z', '2026-03-30T06:00:00.000Z'],
    ['2026-03-30T06:00:00Z', undefined],
    // In summer 18:00 is 16:00 UTC.
    ['2026-04-03T15:59:00Z', undefined],
    ['2026-04-03T16:00:00Z', '2026-04-06T06:00:00.000Z'],
    // They go back on Sunday the 25th of October.
    ['2026-10-23T16:00:00Z', '2026-10-26T07:00:00.000Z'],
    ['2026-10-26T06:59:00Z', '2026-10-26T07:00:00.000Z'],
    ['2026-10-26T07:00:00Z', undefined],
  ])('keeps to the clocks of its time zone: %s', (at, until) => {
    expect(find([WEEKEND], at)).toEqual(
      until && { reason: WEEKEND.reason, until },
    );
  });

  it('leaves out a window whose beginning a change of clocks leaves out, as RFC 5545 says', () => {
    const night: FreezeWindow = {
      ...WEEKEND,
      rrule: 'FREQ=DAILY',
      start: '2026-03-01T02:30',
      duration: { hours: 1 },
    };
    expect(find([night], '2026-03-28T02:00:00Z')).toMatchObject({
      until: '2026-03-28T02:30:00.000Z',
    });
    expect(find([night], '2026-03-29T01:45:00Z')).toBeUndefined();
    expect(find([night], '2026-03-30T00:45:00Z')).toMatchObject({
      until: '2026-03-30T01:30:00.000Z',
    });
  });

  it('goes on through windows that follow each other, or overlap', () => {
    const monday = {
      ...WEEKEND,
      rrule: 'RRULE:FREQ=WEEKLY;BYDAY=MO',
      start: '2024-01-01T08:00',
      duration: { hours: 4 },
      reason: 'Maintenance',
    };
    expect(find([WEEKEND, monday], '2026-06-05T17:00:00Z')).toEqual({
      reason: WEEKEND.reason,
      until: '2026-06-08T10:00:00.000Z',
    });
    const daily = {
      ...WEEKEND,
      rrule: 'FREQ=DAILY;COUNT=10',
      start: '2026-12-20T00:00',
      duration: { days: 1 },
      timeZone: 'UTC',
    };
    expect(find([daily], '2026-12-24T12:00:00Z')).toMatchObject({
      until: '2026-12-30T00:00:00.000Z',
    });
    const always = { ...WEEKEND, rrule: 'FREQ=DAILY', duration: { days: 1 } };
    expect(find([always], '2026-06-05T12:00:00Z')).toEqual({
      reason: WEEKEND.reason,
      until: undefined,
    });
  });

  it.each([
    [
      'BYDAY=FR',
      "freeze[0].rrule is 'BYDAY=FR': expected one rule of RFC 5545",
    ],
    ['FREQ=SECONDLY', 'expected one rule'],
    ['FREQ=DAILY\nDTSTART:20200101T000000Z', 'expected one rule'],
    ['FREQ=WEEKLY;BYDAY=XX', 'freeze[0] is no rule that can be followed'],
  ])('refuses the rule %j', (rrule, message) => {
    expect(() => new FreezeCalendar([{ ...WEEKEND, rrule }], 'freeze')).toThrow(
      message,
    );
  });
});
