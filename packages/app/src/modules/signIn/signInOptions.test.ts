import { ConfigReader } from '@backstage/config';
import { readSignInOptions } from './signInOptions';

describe('readSignInOptions', () => {
  it('reads the ways in and the demo people', () => {
    expect(
      readSignInOptions(
        new ConfigReader({
          greenroom: {
            signIn: ['github', 'guest'],
            demoUsers: [{ name: 'ada', title: 'Ada', role: 'author' }],
          },
        }),
      ),
    ).toEqual({
      methods: ['github', 'guest'],
      demoUsers: [{ name: 'ada', title: 'Ada', role: 'author' }],
    });
  });

  it('lets nobody in by default, and names a way in that it does not know', () => {
    expect(readSignInOptions(new ConfigReader({}))).toEqual({
      methods: [],
      demoUsers: [],
    });
    expect(() =>
      readSignInOptions(new ConfigReader({ greenroom: { signIn: ['ldap'] } })),
    ).toThrow('greenroom.signIn has "ldap"');
  });
});
