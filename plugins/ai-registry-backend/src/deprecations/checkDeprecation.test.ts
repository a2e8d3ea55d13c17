import type { Deprecation } from '@greenroom/plugin-ai-registry-common';
import { checkDeprecation } from './checkDeprecation';

const now = new Date('2026-11-27T12:00:00Z');
const there = { exists: true, isDeprecated: false };
const before: Deprecation = {
  since: '2026-01-01T00:00:00.000Z',
  sunsetAt: '2026-11-01T00:00:00.000Z',
  message: 'Old.',
  deprecatedBy: 'user:default/ada',
};

describe('checkDeprecation', () => {
  const check = (
    asked: Partial<Parameters<typeof checkDeprecation>[0]>,
    options: Partial<Parameters<typeof checkDeprecation>[1]> = {},
  ) =>
    checkDeprecation(
      { message: 'Use the other one.', ...asked },
      {
        thing: { model: 'old' },
        before: undefined,
        found: asked.replacement && there,
        now,
        ...options,
      },
    );

  it('keeps what was said, times in UTC', () => {
    expect(
      check({
        message: ' Bye. ',
        sunsetAt: '2027-01-31T01:00:00+01:00',
        replacement: { model: 'new', version: 3 },
      }),
    ).toEqual({
      message: 'Bye.',
      sunsetAt: '2027-01-31T00:00:00.000Z',
      replacement: { model: 'new', version: 3 },
    });
    expect(check({})).toEqual({ message: 'Use the other one.' });
  });

  it.each([
    '2026-11-27T12:00:00Z',
    '2020-01-01',
    'soon',
    '+010000-01-01',
    '2027-02-30T00:00:00Z',
  ])('refuses the sunset %s', sunsetAt => {
    expect(() => check({ sunsetAt })).toThrow(/^sunsetAt is /);
  });

  it('lets the words be changed once the day has come, but no other day in the past', () => {
    const { sunsetAt } = before;
    expect(check({ sunsetAt }, { before }).sunsetAt).toBe(sunsetAt);
    expect(() =>
      check({ sunsetAt: '2026-11-02T00:00:00Z' }, { before }),
    ).toThrow('over already');
  });

  it('refuses an empty message', () => {
    expect(() => check({ message: ' ' })).toThrow(/^message is empty/);
  });

  it('refuses to replace a thing by itself, by nothing, or by what is deprecated', () => {
    const version = { model: 'old', version: 2 };
    expect(() => check({ replacement: { model: 'old', version: 3 } })).toThrow(
      'deprecated as a whole',
    );
    expect(() => check({ replacement: version }, { thing: version })).toThrow(
      'itself: name another version',
    );
    expect(
      check({ replacement: { model: 'old' } }, { thing: version }).replacement,
    ).toEqual({ model: 'old' });
    expect(() =>
      check(
        { replacement: { model: 'new', version: 9 } },
        { found: { exists: false, isDeprecated: false } },
      ),
    ).toThrow("there is no version 9 of model 'new'");
    expect(() =>
      check(
        { replacement: { model: 'new' } },
        { found: { exists: true, isDeprecated: true } },
      ),
    ).toThrow("model 'new' is deprecated itself");
  });
});
