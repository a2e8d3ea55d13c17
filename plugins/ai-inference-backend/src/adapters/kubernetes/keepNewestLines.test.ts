import { keepNewestLines } from './keepNewestLines';

describe('keepNewestLines', () => {
  it.each([
    { text: '', most: 3, kept: '', isCut: false },
    { text: 'abc', most: 3, kept: 'abc', isCut: false },
    { text: 'one\ntwo\n', most: 6, kept: 'two\n', isCut: true },
    // Of one line that is too long, its end.
    { text: 'abcdef\n', most: 4, kept: 'def\n', isCut: true },
    { text: 'abcdef', most: 4, kept: 'cdef', isCut: true },
    // No character is cut in two.
    { text: 'ääää', most: 5, kept: 'ää', isCut: true },
  ])(
    'keeps "$kept" of "$text" within $most bytes',
    ({ text, most, ...rest }) => {
      expect(keepNewestLines(text, most)).toEqual({
        text: rest.kept,
        isCut: rest.isCut,
      });
    },
  );
});
