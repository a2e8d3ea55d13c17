import { formatShape } from './format';

describe('format', () => {
  it('stars free dimensions', () => {
    expect(formatShape([-1, 64])).toBe('[* × 64]');
    expect(formatShape([])).toBe('[]');
  });
});
