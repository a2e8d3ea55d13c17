import { axisOf, ticksBetween } from './scale';

describe('ticksBetween', () => {
  it('is round, and within the values', () => {
    expect(ticksBetween(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticksBetween(0.91, 0.97, 5)).toEqual([0.92, 0.94, 0.96]);
    expect(ticksBetween(-1300, 4200, 5)).toEqual([0, 2000, 4000]);
    expect(ticksBetween(3, 3, 5)).toEqual([3]);
  });
});

describe('axisOf', () => {
  it('is of numbers where all are numbers', () => {
    const axis = axisOf([10, 20, 15], String);
    expect(axis.kind).toBe('numbers');
    expect([10, 15, 20].map(axis.place)).toEqual([0, 0.5, 1]);
  });

  it('puts equal numbers in the middle', () => {
    expect(axisOf([7, 7], String).place(7)).toBe(0.5);
  });

  it('is of words in their order otherwise', () => {
    const axis = axisOf(['sgd', 'adam', 3], String);
    expect(axis.ticks.map(({ label }) => label)).toEqual(['3', 'adam', 'sgd']);
    expect(axis.place('adam')).toBe(0.5);
    expect(axis.place(3)).toBe(0);
  });
});
