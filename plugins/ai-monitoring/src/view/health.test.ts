import { makeHealth } from '../__testUtils__/fixtures';
import { verdictOf, worstFirst } from './health';

describe('worstFirst', () => {
  it('puts alerts first and models without traffic last, the busiest first among equals', () => {
    const models = worstFirst([
      makeHealth({ model: 'idle', status: 'no-data' }),
      makeHealth({ model: 'half', status: 'partly-watched' }),
      makeHealth({ model: 'calm', requestsPerSecond: 1 }),
      makeHealth({ model: 'busy', requestsPerSecond: 9 }),
      makeHealth({ model: 'broken', status: 'alert' }),
    ]);
    expect(models.map(({ model }) => model)).toEqual([
      'broken',
      'half',
      'busy',
      'calm',
      'idle',
    ]);
  });
});

describe('verdictOf', () => {
  it('gives the reasons, and does not call missing traffic healthy', () => {
    expect(verdictOf(makeHealth({ reasons: ['A.', 'B.'] }))).toBe('A. B.');
    expect(verdictOf(makeHealth())).toMatch(/as they should be/);
    expect(verdictOf(makeHealth({ status: 'no-data' }))).toMatch(
      /nothing to judge/,
    );
    expect(verdictOf(makeHealth({ status: 'partly-watched' }))).toMatch(
      /not all can be seen/,
    );
  });
});
