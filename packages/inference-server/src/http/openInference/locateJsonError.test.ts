import fc from 'fast-check';
import { locateJsonError } from './locateJsonError';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

it.each([
  ['', 0, undefined],
  ['{"a":1', 6, undefined],
  ['{"a":1]', 6, '"]"'],
  ['{"a" 1}', 5, '"1"'],
  ['[1,,2]', 3, '","'],
  ['[1 2]', 3, '"2"'],
  ['[01]', 2, '"1"'],
  ['[nul]', 1, '"n"'],
  ['["a\n"]', 1, '"\\""'],
  ['{} x', 3, '"x"'],
])('finds where %j breaks', (text, position, found) => {
  expect(locateJsonError(text)).toMatchObject({ position, found });
});

it('counts lines and columns from one', () => {
  expect(locateJsonError('{\n  "a": 1,\n  b\n}')).toEqual({
    position: 14,
    line: 3,
    column: 3,
    found: '"b"',
  });
});

it('gives up on what is nested too deep, as an error in itself', () => {
  expect(locateJsonError('['.repeat(100_000))).toMatchObject({ found: '"["' });
});

it('agrees with the parser about what is JSON', () => {
  const nearlyJson = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '[', '0'))
    .map(([text, at, extra]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + extra + text.slice(place);
    });
  fc.assert(
    fc.property(nearlyJson, text => {
      expect(locateJsonError(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 2_000 },
  );
});
