import type { FreezeWindow } from '@greenroom/plugin-ai-registry-common';
import { MergeCalendar } from './MergeCalendar';

const TUESDAYS: FreezeWindow = {
  rrule: 'FREQ=WEEKLY;BYDAY=TU',
  start: '2024-01-01T09:00',
  duration: { hours: 3 },
  timeZone: 'Europe/Zurich',
  reason: 'Changes go out on Tuesdays',
};
const YEAR_END: FreezeWindow = {
  rrule: 'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20',
  start: '2024-01-01T00:00',
  duration: { days: 14 },
  timeZone: 'Europe/Zurich',
  reason: 'The year is closed',
};

const find = (
  settings: ConstructorParameters<typeof MergeCalendar>[0],
  at: string,
) => {
  const found = new MergeCalendar(settings, 'production').find(new Date(at));
  return found && { ...found, until: found.until?.toISOString() };
};

describe('MergeCalendar', () => {
  it('lets things be merged at any time where nothing is set', () => {
    expect(find({}, '2026-12-24T12:00:00Z')).toBeUndefined();
  });

  it.each([
    // Tuesday 9 to 12 by the clocks of Zurich, which are an hour ahead in winter.
    ['2026-11-24T07:59:59Z', '2026-11-24T08:00:00.000Z'],
    ['2026-11-24T08:00:00Z', undefined],
    ['2026-11-24T10:59:59Z', undefined],
    ['2026-11-24T11:00:00Z', '2026-12-01T08:00:00.000Z'],
    // In summer they are two hours ahead.
    ['2026-07-07T07:00:00Z', undefined],
    ['2026-07-07T10:00:00Z', '2026-07-14T07:00:00.000Z'],
  ])('keeps to the schedule: %s', (at, until) => {
    expect(find({ schedule: [TUESDAYS] }, at)).toEqual(
      until && { reason: TUESDAYS.reason, until },
    );
  });

  it('has a freeze come before the schedule', () => {
    const both = { schedule: [TUESDAYS], freeze: [YEAR_END] };
    expect(find(both, '2026-12-22T08:30:00Z')?.reason).toBe(YEAR_END.reason);
    expect(find(both, '2026-11-24T08:30:00Z')).toBeUndefined();
  });

  it('says that a schedule which has ended never opens again', () => {
    const ended = { ...TUESDAYS, rrule: 'FREQ=DAILY;COUNT=1' };
    expect(find({ schedule: [ended] }, '2026-11-24T08:30:00Z')).toEqual({
      reason: TUESDAYS.reason,
      until: undefined,
    });
  });

  it('names a rule that cannot be read', () => {
    const wrong = { ...TUESDAYS, rrule: 'every Tuesday' };
    expect(() => find({ schedule: [wrong] }, '2026-11-24T08:30:00Z')).toThrow(
      "production.schedule[0].rrule is 'every Tuesday'",
    );
  });
});
