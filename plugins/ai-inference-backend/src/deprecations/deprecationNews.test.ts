import type { Deprecation } from '@greenroom/plugin-ai-registry-common';
import { deprecationNews, type ToldDeprecation } from './deprecationNews';
import { describeDeprecationNews } from './describeDeprecationNews';

const SUNSET = '2027-03-01T00:00:00.000Z';
const DEPRECATION: Deprecation = {
  since: '2027-01-01T00:00:00.000Z',
  sunsetAt: SUNSET,
  replacement: { model: 'new' },
  message: 'The new one is better.',
  deprecatedBy: 'user:default/ada',
};
const DAY_MILLIS = 24 * 60 * 60_000;

const daysBefore = (days: number) =>
  new Date(Date.parse(SUNSET) - days * DAY_MILLIS);

describe('deprecationNews', () => {
  it('is told at once, and on each day once, whatever the hour', () => {
    const days: unknown[] = [];
    let told: ToldDeprecation | undefined;
    for (let hours = 50 * 24; hours >= -48; hours--) {
      const now = daysBefore(hours / 24);
      const news = deprecationNews({ deprecation: DEPRECATION, told, now });
      if (news) {
        days.push([news.kind, hours / 24]);
        told = news.told;
      }
    }
    expect(days).toEqual([
      ['announced', 50],
      ['nears', 30],
      ['nears', 7],
      ['nears', 1],
      ['nears', 0],
    ]);
  });

  it('is not told late for days that passed while nobody looked', () => {
    const announced = deprecationNews({
      deprecation: DEPRECATION,
      told: undefined,
      now: daysBefore(40),
    });
    const news = deprecationNews({
      deprecation: DEPRECATION,
      told: announced?.told,
      now: daysBefore(3),
    });
    expect(news).toMatchObject({ kind: 'nears', told: { day: 7 } });
    expect(
      deprecationNews({
        deprecation: DEPRECATION,
        told: news?.told,
        now: daysBefore(2),
      }),
    ).toBeUndefined();
  });

  it('is told when the sunset is named, moved or taken back, and when all of it is', () => {
    const { sunsetAt: _sunset, ...open } = DEPRECATION;
    const now = daysBefore(40);
    const first = deprecationNews({ deprecation: open, told: undefined, now });
    expect(first?.kind).toBe('announced');
    const named = deprecationNews({
      deprecation: DEPRECATION,
      told: first?.told,
      now,
    });
    expect(named?.kind).toBe('moved');
    // Farther away again: its days count anew.
    const later = { ...DEPRECATION, sunsetAt: '2027-06-01T00:00:00.000Z' };
    const near = deprecationNews({
      deprecation: DEPRECATION,
      told: named?.told,
      now: daysBefore(1),
    });
    const moved = deprecationNews({
      deprecation: later,
      told: near?.told,
      now: daysBefore(1),
    });
    expect(moved).toMatchObject({ kind: 'moved' });
    expect(moved?.told).not.toHaveProperty('day');
    expect(
      deprecationNews({ deprecation: undefined, told: moved?.told, now })?.kind,
    ).toBe('withdrawn');
    expect(
      deprecationNews({ deprecation: undefined, told: undefined, now }),
    ).toBeUndefined();
  });
});

describe('describeDeprecationNews', () => {
  it.each([
    [40, true, "Model 'old' is deprecated", 'normal'],
    [7, true, "Model 'old' may stop answering in 7 days", 'high'],
    [1, true, "Model 'old' may stop answering in 1 day", 'high'],
    [1, false, "Model 'old' may stop answering in 1 day", 'normal'],
    [0, true, "Model 'old' may stop answering from now on", 'high'],
  ])(
    '%s days before, called lately: %s',
    (days, haveCalled, title, severity) => {
      const now = daysBefore(days);
      const news = deprecationNews({
        deprecation: DEPRECATION,
        told:
          days === 40
            ? undefined
            : { since: DEPRECATION.since, sunsetAt: SUNSET },
        now,
      });
      if (!news) throw new Error('no news');
      const said = describeDeprecationNews(
        { model: 'old' },
        { news, deprecation: DEPRECATION, haveCalled, now },
      );
      expect(said).toMatchObject({ title, severity });
      expect(said.description).toContain(
        "The new one is better. Use model 'new' instead.",
      );
    },
  );
});
