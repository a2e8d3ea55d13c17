import { planReading } from './planReading';

describe('planReading', () => {
  it.each([
    [{ windows: 10, features: 64 }, 313],
    [{ windows: 200, features: 10_000 }, 2],
    [{ windows: 0, features: 0 }, 20_000],
  ])('reads %j in pages of %d windows', (size, pageSize) => {
    expect(planReading(size)).toEqual({ pageSize });
  });

  it('refuses what is too much for one answer', () => {
    expect(() => planReading({ windows: 201, features: 10_000 })).toThrow(
      'The range has 201 windows with profiles of 10000 features, which is too much to compare: ask for a shorter range',
    );
  });
});
