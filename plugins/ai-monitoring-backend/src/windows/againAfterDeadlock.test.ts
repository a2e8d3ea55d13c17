import { againAfterDeadlock } from './againAfterDeadlock';

const failure = (code: string) => Object.assign(new Error(code), { code });

describe('againAfterDeadlock', () => {
  it('goes on until nobody is in the way', async () => {
    const outcomes = [failure('40P01'), failure('40P01'), 'counted'];
    const run = async () => {
      const outcome = outcomes.shift();
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
    expect(await againAfterDeadlock(run)).toBe('counted');
  });

  it('gives up in the end, and at once for anything else', async () => {
    let attempts = 0;
    const failWith = (code: string) => async () => {
      attempts++;
      throw failure(code);
    };
    await expect(againAfterDeadlock(failWith('40P01'))).rejects.toThrow(
      '40P01',
    );
    expect(attempts).toBe(5);
    await expect(againAfterDeadlock(failWith('23505'))).rejects.toThrow(
      '23505',
    );
    expect(attempts).toBe(6);
  });
});
