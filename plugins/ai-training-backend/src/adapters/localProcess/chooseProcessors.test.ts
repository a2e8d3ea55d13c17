import { chooseProcessors, readProcessorList } from './chooseProcessors';

describe('chooseProcessors', () => {
  it.each([
    [1, [0, 1, 2, 3], [], [0]],
    [0.5, [0, 1], [[0]], [1]],
    [2, [0, 1, 2, 3], [[0, 1], [1]], [2, 3]],
    [1, [0, 1], [[0], [1], [0]], [1]],
    // One that is not ours any more is nobody's.
    [1, [4, 5], [[0], [4]], [5]],
    [2, [0, 1], [], undefined],
    [8, [0, 1], [], undefined],
    [1, [], [], undefined],
  ])('gives %p of %p where %p are taken', (count, all, taken, chosen) => {
    expect(chooseProcessors(count, all, taken)).toEqual(chosen);
  });

  it('reads lists', () => {
    expect(readProcessorList('0-3,8\n')).toEqual([0, 1, 2, 3, 8]);
    expect(readProcessorList('')).toEqual([]);
  });
});
