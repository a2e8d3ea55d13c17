import fc from 'fast-check';
import { refuseUnstorableTexts } from './refuseUnstorableTexts';

const look = (body: string) => () => refuseUnstorableTexts(Buffer.from(body));

function isTaken(body: string): boolean {
  try {
    look(body)();
    return true;
  } catch {
    return false;
  }
}

describe('refuseUnstorableTexts', () => {
  it.each([
    String.raw`"\ud83d\ude00"`,
    String.raw`"\uD83D\uDE00\ud83d\ude00"`,
    String.raw`"\\ud800"`,
    String.raw`"\\\\ud800"`,
    String.raw`"\\u0000"`,
    String.raw`"\ud7ff\ue000\n\u00e9"`,
    '"😀 grün"',
    '',
  ])('takes %s', body => expect(look(body)).not.toThrow());

  it.each([
    String.raw`{"\ud800":1}`,
    String.raw`"\udc00"`,
    String.raw`"\ud800 "`,
    String.raw`"\ud800","\udc00"`,
    String.raw`"\ud800\ud800\udc00"`,
    String.raw`"\ud83d\ude00\ude00"`,
    String.raw`"\ud800\\udc00"`,
    String.raw`"\\\ud800"`,
    String.raw`"\ud800😀"`,
    String.raw`"\uD800`,
  ])('refuses half a character in %s', body =>
    expect(look(body)).toThrow('one half of a character'),
  );

  it.each([String.raw`"\u0000"`, String.raw`"\\\u0000"`])(
    'refuses a zero character in %s',
    body => expect(look(body)).toThrow('zero character'),
  );

  it('refuses what is not UTF-8, where escapes are not the only way to write them', () => {
    const body = Buffer.from('"\ud800"', 'utf16le');
    expect(() => refuseUnstorableTexts(body, 'utf-16le')).toThrow(
      'The body is in utf-16le: send JSON in UTF-8',
    );
  });

  it('takes a text, however it is escaped, exactly when it is whole and has no zero', () => {
    const units = fc.array(
      fc.oneof(
        fc.constantFrom(0, 0x5c, 0x22, 0x75, 0x64, 0xd800, 0xdbff),
        fc.constantFrom(0xdc00, 0xdfff, 0x61, 0xfffd),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(units, codes => {
        const text = String.fromCharCode(...codes);
        // JSON.stringify escapes lone surrogates alone: the other form escapes each unit.
        const escaped = codes
          .map(code => `\\u${code.toString(16).padStart(4, '0')}`)
          .join('');
        const isGood = !/\p{Surrogate}/u.test(text) && !text.includes('\0');
        for (const body of [JSON.stringify(text), `"${escaped}"`]) {
          expect(isTaken(body)).toBe(isGood);
        }
      }),
    );
  });
});
