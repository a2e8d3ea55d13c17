import { checkKey, checkLength, truncate } from './limits';

describe('checkKey', () => {
  it.each([
    'loss',
    'val/loss',
    'a b',
    'a:b',
    'größe',
    'µ_1',
    '.hidden',
    'a..b',
  ])('takes %s', key => expect(checkKey(key, 'key')).toBe(key));

  it.each([
    ['a/../b', "would resolve to 'b'"],
    ['a//b', "would resolve to 'a/b'"],
    ['a/', "would resolve to 'a'"],
    ['/a', "would resolve to '/a'"],
    ['..', "would resolve to '..'"],
    ['.', "would resolve to '.'"],
    ['', "would resolve to '.'"],
    ['a\nb', 'Names may only contain'],
    ['a*', 'Names may only contain'],
    ['x'.repeat(251), "'key' exceeds the maximum length of 250 characters"],
  ])('refuses %j', (key, reason) =>
    expect(() => checkKey(key, 'key')).toThrow(reason),
  );
});

describe('lengths', () => {
  it('are of characters, also of those that are two units', () => {
    const text = '😀'.repeat(5);
    expect(checkLength(text, 5, 'value')).toBe(text);
    expect(() => checkLength(text, 4, 'value')).toThrow(
      "'value' exceeds the maximum length of 4 characters",
    );
    expect(truncate(text, 2)).toBe('😀😀');
    expect(truncate('short', 10)).toBe('short');
  });
});
