import fc from 'fast-check';
import { TimedLog } from './TimedLog';

const START = Date.parse('2026-05-03T08:00:00Z');

interface Line {
  afterMillis: number;
  text: string;
}

const timeOf = ({ afterMillis }: Line) =>
  new Date(START + afterMillis).toISOString().replace('Z', '123456Z');

/** What a server tells, from a whole second on; the last line has no end. */
function told(lines: readonly Line[], since: string | undefined): Buffer {
  return Buffer.from(
    lines
      .filter(
        line =>
          since === undefined || START + line.afterMillis >= Date.parse(since),
      )
      .map(line => `${timeOf(line)} ${line.text}`)
      .join('\n'),
  );
}

const textOf = (lines: readonly Line[]) =>
  lines.map(({ text }) => text).join('\n');

const linesOf = fc
  .array(
    fc.record({
      // Many of the same time, and some out of order.
      step: fc.integer({ min: -400, max: 700 }),
      text: fc.stringMatching(/^[a-zé ]{0,12}$/),
    }),
    { maxLength: 40 },
  )
  .map(steps => {
    let newest = 5_000;
    return steps.map(({ step, text }): Line => {
      const afterMillis = newest + step;
      newest = Math.max(newest, afterMillis);
      return { afterMillis, text };
    });
  });

it('takes the times off', () => {
  const log = new TimedLog();
  expect(log.begin()).toBeUndefined();
  const text = log.take(
    Buffer.from(
      '2026-05-03T08:00:00.1Z one\n2026-05-03T10:00:00.2+02:00 \n2026-05-03T08:00:00.3Z  two\n',
    ),
  );
  expect(text.toString()).toBe('one\n\n two\n');
  expect(log.begin()).toBe('2026-05-03T07:59:59.000Z');
});

it('loses nothing and doubles nothing, wherever it is cut, and into whatever pieces it comes', () => {
  fc.assert(
    fc.property(
      linesOf,
      fc.array(fc.nat(900), { maxLength: 6 }),
      fc.integer({ min: 1, max: 40 }),
      (lines, cuts, pieceBytes) => {
        const log = new TimedLog();
        const parts: Buffer[] = [];
        for (const bytes of [...cuts, Infinity]) {
          const all = told(lines, log.begin()).subarray(0, bytes);
          for (let at = 0; at < all.length; at += pieceBytes) {
            parts.push(log.take(all.subarray(at, at + pieceBytes)));
          }
        }
        expect(Buffer.concat(parts).toString()).toBe(textOf(lines));
      },
    ),
    { numRuns: 2_000 },
  );
});

it('goes on where a node has begun another file, and what was had is gone', () => {
  const lines = ['a', 'b', 'c', 'd'].map((text, at) => ({
    afterMillis: at * 100,
    text,
  }));
  const log = new TimedLog();
  log.begin();
  const first = log.take(
    Buffer.concat([told(lines.slice(0, 3), undefined), Buffer.from('\n')]),
  );
  log.begin();
  const later = log.take(told(lines.slice(2), undefined));
  expect(`${first}${later}`).toBe('a\nb\nc\nd');
  log.begin();
  const last = log.take(told([{ afterMillis: 60_000, text: 'z' }], undefined));
  expect(last.toString()).toBe('z');
});

it('keeps what a server says besides', () => {
  const log = new TimedLog();
  log.begin();
  const said = 'unable to retrieve container logs for containerd://1\n';
  expect(log.take(Buffer.from(said)).toString()).toBe(said);
});
