import { GitCommand } from './GitCommand';

const COMMIT = 'a'.repeat(40);

describe('GitCommand', () => {
  const git = new GitCommand('/nowhere');

  /** How often a question is asked that is put twice. */
  async function timesAsked(
    revision: string,
    answer: string,
    sizeOf?: (text: string) => number,
  ): Promise<number> {
    const ask = jest.fn(async () => answer);
    const question = ['question', String(Math.random())];
    for (let time = 0; time < 2; time++) {
      expect(await git.once([revision], question, ask, sizeOf)).toBe(answer);
    }
    return ask.mock.calls.length;
  }

  it('remembers what it found out about commits, and nothing about refs', async () => {
    expect(await timesAsked(COMMIT, 'answer')).toBe(1);
    expect(await timesAsked('refs/heads/main', 'answer')).toBe(2);
    expect(await timesAsked(COMMIT.slice(1), 'answer')).toBe(2);
  });

  it('does not remember what is long', async () => {
    const sizeOf = (text: string) => text.length;
    expect(await timesAsked(COMMIT, 'x'.repeat(16_000), sizeOf)).toBe(1);
    expect(await timesAsked(COMMIT, 'x'.repeat(17_000), sizeOf)).toBe(2);
    expect(await timesAsked(COMMIT, 'missing', () => Infinity)).toBe(2);
  });

  it('forgets the oldest when all together is too much', async () => {
    const sizeOf = () => 16_000;
    const ask = jest.fn(async (number: number) => number);
    const put = (number: number) =>
      git.once([COMMIT], ['many', `${number}`], () => ask(number), sizeOf);
    for (let number = 0; number < 1_500; number++) await put(number);
    ask.mockClear();
    await put(1_499);
    expect(ask).not.toHaveBeenCalled();
    await put(0);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('asks again after a failure', async () => {
    const ask = jest
      .fn(async () => 'answer')
      .mockRejectedValueOnce(new Error());
    const put = () => git.once([COMMIT], ['failing'], ask);
    await expect(put()).rejects.toThrow();
    expect(await put()).toBe('answer');
  });
});
