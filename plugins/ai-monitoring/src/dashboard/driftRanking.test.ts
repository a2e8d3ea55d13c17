import { makeDrift, makeTimeline } from '../__testUtils__/fixtures';
import { formatPValue, heat, rankFeatures, rankTimeline } from './driftRanking';

describe('rankFeatures', () => {
  it('puts verdicts before sizes, and what has no verdict last', () => {
    const { report } = makeDrift();
    expect(report && rankFeatures(report).map(({ name }) => name)).toEqual([
      'pixel_1',
      'pixel_2',
      'pixel_0',
      'pixel_3',
    ]);
  });
});

describe('rankTimeline', () => {
  it('goes by the largest effect in the range and overlooks gaps', () => {
    expect(rankTimeline(makeTimeline()).map(({ name }) => name)).toEqual([
      'pixel_1',
      'pixel_0',
    ]);
  });
});

describe('heat', () => {
  it('is full at twice the size that counts as large, and never negative', () => {
    expect(heat(0.1, 0.1)).toBe(0.5);
    expect(heat(5, 0.1)).toBe(1);
    expect(heat(-0.01, 0.1)).toBe(0);
  });
});

describe('formatPValue', () => {
  it('does not pretend to more digits than matter', () => {
    expect(formatPValue(0.00001)).toBe('< 0.001');
    expect(formatPValue(0.0421)).toBe('0.042');
  });
});
