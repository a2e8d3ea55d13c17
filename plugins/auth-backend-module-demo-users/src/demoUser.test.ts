import { ConfigReader } from '@backstage/config';
import { chooseUser } from './demoUser';
import { requireLocalPortal } from './requireLocalPortal';

describe('chooseUser', () => {
  const users = ['user:default/ada', 'grace'];

  it('takes the named user, or the first one', () => {
    expect(chooseUser(users, 'grace')).toBe('user:default/grace');
    expect(chooseUser(users, undefined)).toBe('user:default/ada');
  });

  it('says who there is when the name is unknown', () => {
    expect(() => chooseUser(users, 'root')).toThrow(
      /no demo user of this name; .*user:default\/ada, user:default\/grace/,
    );
  });
});

describe('requireLocalPortal', () => {
  const config = (baseUrl: string, guest = {}) =>
    new ConfigReader({
      backend: { baseUrl },
      auth: { providers: { guest } },
    });

  it.each([
    'http://localhost:7007',
    'http://127.0.0.1:80',
    'http://[::1]:7007',
  ])('lets %s pass', baseUrl => {
    expect(() => requireLocalPortal(config(baseUrl))).not.toThrow();
  });

  it('refuses an address that others can reach, unless told so', () => {
    const baseUrl = 'https://portal.example.com';
    expect(() => requireLocalPortal(config(baseUrl))).toThrow(
      /anybody sign in without a password.*portal\.example\.com/,
    );
    expect(() =>
      requireLocalPortal(
        config(baseUrl, { dangerouslyAllowOutsideDevelopment: true }),
      ),
    ).not.toThrow();
  });
});
