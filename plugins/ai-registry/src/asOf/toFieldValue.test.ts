import { toFieldValue } from './toFieldValue';

describe('toFieldValue', () => {
  it('says the same moment in the time zone of the reader', () => {
    for (const at of ['2026-01-03T12:00:05.000Z', '2026-07-31T23:30:00.000Z']) {
      expect(new Date(toFieldValue(at)).toISOString()).toBe(at);
    }
  });

  it('is empty for what is no moment', () => {
    expect(toFieldValue(undefined)).toBe('');
    expect(toFieldValue('yesterday')).toBe('');
  });
});
