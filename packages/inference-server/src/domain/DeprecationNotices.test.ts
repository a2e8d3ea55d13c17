import { asFields, DeprecationNotices } from './DeprecationNotices';

const since = '2026-11-27T12:00:00.900Z';

describe('DeprecationNotices', () => {
  it('are none where nothing is deprecated, so that no request looks further', () => {
    expect(DeprecationNotices.of(undefined)).toBeUndefined();
    expect(DeprecationNotices.of([])).toBeUndefined();
    expect(asFields(undefined)).toEqual({});
  });

  it('say since when, until when, and where to read on', () => {
    const notices = DeprecationNotices.of([
      {
        since,
        sunsetAt: '2027-01-31T00:00:00.000Z',
        link: 'https://portal.example.org/ai-models/old',
      },
    ]);
    expect(notices?.find(undefined)).toEqual([
      'Deprecation',
      '@1795780800',
      'Sunset',
      'Sun, 31 Jan 2027 00:00:00 GMT',
      'Link',
      '<https://portal.example.org/ai-models/old>; rel="deprecation"; type="text/html"',
    ]);
    // It was written once.
    expect(notices?.find(3)).toBe(notices?.find(undefined));
    expect(asFields(notices?.find(3))).toMatchObject({
      Deprecation: '@1795780800',
    });
  });

  it('tell a version its own, and the others that of the model', () => {
    const of = (day: number) => ({ since: `2026-11-0${day}T00:00:00Z` });
    const both = DeprecationNotices.of([of(1), { version: 2, ...of(2) }]);
    expect(both?.find(1)).toEqual(['Deprecation', '@1793491200']);
    expect(both?.find(2)).toEqual(['Deprecation', '@1793577600']);
    const one = DeprecationNotices.of([{ version: 2, ...of(2) }]);
    expect(one?.find(1)).toBeUndefined();
    expect(one?.find(undefined)).toBeUndefined();
  });
});
