import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { aliasTimeline } from './aliasTimeline';

const entry = (
  alias: string,
  version: number | undefined,
  validFrom: string,
  validTo?: string,
) => ({
  alias,
  version,
  validFrom,
  validTo,
  changedBy: 'user:default/ada',
  reason: 'because',
});

describe('aliasTimeline', () => {
  it('draws a lane an alias, production first, with gaps where it pointed nowhere', () => {
    const timeline = aliasTimeline(
      [
        entry('champion', 1, '2026-01-03T00:00:00Z'),
        entry('production', 2, '2026-01-05T00:00:00Z'),
        entry(
          'production',
          undefined,
          '2026-01-04T00:00:00Z',
          '2026-01-05T00:00:00Z',
        ),
        entry('production', 1, '2026-01-02T00:00:00Z', '2026-01-04T00:00:00Z'),
      ],
      Date.parse('2026-01-06T00:00:00Z'),
      DEFAULT_ENVIRONMENTS,
    );
    expect(timeline?.startMillis).toBe(Date.parse('2026-01-02T00:00:00Z'));
    expect(timeline?.lanes.map(lane => lane.alias)).toEqual([
      'production',
      'champion',
    ]);
    expect(
      timeline?.lanes[0].spans.map(span => [
        span.version,
        new Date(span.fromMillis).getUTCDate(),
        new Date(span.toMillis).getUTCDate(),
        span.current,
      ]),
    ).toEqual([
      [1, 2, 4, false],
      [2, 5, 6, true],
    ]);
  });

  it('is undefined without history', () => {
    expect(aliasTimeline([], 0, DEFAULT_ENVIRONMENTS)).toBeUndefined();
  });
});
