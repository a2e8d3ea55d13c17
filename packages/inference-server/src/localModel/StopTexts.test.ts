import fc from 'fast-check';
import { StopTexts } from './StopTexts';

function run(stops: string[], parts: string[]): [string, boolean] {
  const texts = new StopTexts(stops);
  const passed = parts.map(part => texts.push(part)).join('') + texts.end();
  return [passed, texts.stopped];
}

it('leaves the text out that stops it, wherever it is cut', () => {
  expect(run(['END'], ['Hello E', 'N', 'D and more'])).toEqual([
    'Hello ',
    true,
  ]);
  expect(run(['\n\n', '##'], ['a\n#', '#b\n\n'])).toEqual(['a\n', true]);
});

it('passes on the begin of a stop that does not go on', () => {
  const texts = new StopTexts(['END']);
  expect(texts.push('the EN')).toBe('the ');
  expect(texts.push('T')).toBe('ENT');
  expect(texts.push('EN')).toBe('');
  expect(texts.end()).toBe('EN');
});

it('is the same however the text is cut', () => {
  const text = fc.stringMatching(/^[ab]{0,12}$/);
  const stop = fc.stringMatching(/^[ab]{1,3}$/);
  fc.assert(
    fc.property(
      fc.array(text),
      fc.array(stop, { maxLength: 3 }),
      (parts, stops) => {
        const all = parts.join('');
        const ends = stops.map(one => all.indexOf(one)).filter(at => at >= 0);
        const expected =
          ends.length > 0 ? all.slice(0, Math.min(...ends)) : all;
        // A longer stop may begin first and a shorter one be whole first: then that one counts.
        const [passed, stopped] = run(stops, parts);
        expect(stopped).toBe(ends.length > 0);
        expect(passed.startsWith(expected)).toBe(true);
        expect(stops.some(one => passed.includes(one))).toBe(false);
      },
    ),
  );
});
