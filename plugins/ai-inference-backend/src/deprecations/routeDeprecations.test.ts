import type { ListedDeprecation } from '@greenroom/plugin-ai-registry-common';
import { routeDeprecations } from './routeDeprecations';

const listed = (
  overrides: Partial<ListedDeprecation> & { model: string },
): ListedDeprecation => ({
  since: '2026-11-01T00:00:00.000Z',
  message: 'Old.',
  deprecatedBy: 'user:default/ada',
  ...overrides,
});

describe('routeDeprecations', () => {
  it('are by model, with a link and without the words', () => {
    const found = routeDeprecations(
      [listed({ model: 'a' }), listed({ model: 'b', version: 2 })],
      model => `https://portal.example.org/${model}`,
    );
    expect(Object.fromEntries(found)).toEqual({
      a: [
        {
          since: '2026-11-01T00:00:00.000Z',
          link: 'https://portal.example.org/a',
        },
      ],
      b: [
        {
          version: 2,
          since: '2026-11-01T00:00:00.000Z',
          link: 'https://portal.example.org/b',
        },
      ],
    });
  });

  it.each([
    [undefined, '2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    [
      '2027-02-01T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
    ],
    [
      '2027-01-01T00:00:00.000Z',
      '2027-02-01T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
    ],
    ['2027-01-01T00:00:00.000Z', undefined, '2027-01-01T00:00:00.000Z'],
  ])(
    'say the sunset that comes first: own %s, of the model %s',
    (own, ofModel, expected) => {
      const found = routeDeprecations(
        [
          listed({ model: 'a', ...(ofModel && { sunsetAt: ofModel }) }),
          listed({ model: 'a', version: 1, ...(own && { sunsetAt: own }) }),
        ],
        () => undefined,
      );
      expect(found.get('a')?.[1]).toMatchObject({
        version: 1,
        sunsetAt: expected,
      });
    },
  );
});
