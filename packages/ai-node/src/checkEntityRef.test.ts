import { checkEntityRef } from './checkEntityRef';

describe('checkEntityRef', () => {
  it.each([
    ['group:default/vision-team', 'group:default/vision-team'],
    ['Group:Default/Vision-Team', 'group:default/vision-team'],
    ['user:ada', 'user:default/ada'],
  ])('writes %s as %s', (given, written) => {
    expect(checkEntityRef('owner', given)).toBe(written);
  });

  it.each(['', 'ada', 'group:', 'group:default/', ':x', 'a b:c/d', 'x:y/z/w'])(
    'refuses %j and names the field',
    wrong => {
      expect(() => checkEntityRef('owner', wrong)).toThrow(/^owner: /);
    },
  );
});
