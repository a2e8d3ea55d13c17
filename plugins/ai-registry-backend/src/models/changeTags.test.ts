import { changeTags, MAX_TAGS } from './changeTags';

describe('changeTags', () => {
  it('sets, replaces and takes away; what is not named stays', () => {
    expect(
      changeTags({ a: '1', b: '2' }, { b: null, c: '', d: '4', none: null }),
    ).toEqual({ a: '1', c: '', d: '4' });
    expect(changeTags({}, { constructor: 'x' })).toEqual({ constructor: 'x' });
  });

  it('refuses more than there may be', () => {
    const many = Object.fromEntries(
      Array.from({ length: MAX_TAGS }, (_, index) => [`k${index}`, '']),
    );
    expect(() => changeTags(many, { more: '' })).toThrow(/101 tags/);
    expect(() => changeTags(many, { more: '', k0: null })).not.toThrow();
  });
});
