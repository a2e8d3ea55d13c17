import { ConfigReader } from '@backstage/config';
import { createDemoUserAuthenticator, DEMO_USER_HEADER } from './demoUser';
import { ownHosts, requireOwnHost } from './requireOwnHost';

const hosts = ownHosts(
  new ConfigReader({
    backend: { baseUrl: 'http://portal.example.com:7007' },
    app: { baseUrl: 'http://localhost:3000' },
  }),
);

describe('requireOwnHost', () => {
  it.each([
    'localhost:7007',
    'LOCALHOST',
    '127.0.0.1:7007',
    '[::1]:7007',
    'portal.example.com',
    'portal.example.com:7007',
  ])('lets %s pass', host => {
    expect(() => requireOwnHost(host, hosts)).not.toThrow();
  });

  it.each([
    undefined,
    '',
    'evil.example.org:7007',
    'localhost.evil.example.org',
    'evil.example.org:7007@localhost',
    '127.0.0.1.evil.example.org',
    'localhost:7007:7007',
  ])('refuses %s', host => {
    expect(() => requireOwnHost(host, hosts)).toThrow(
      /only for localhost, 127\.0\.0\.1, .*portal\.example\.com/,
    );
  });
});

describe('the demo sign-in', () => {
  const authenticator = createDemoUserAuthenticator({
    users: ['user:default/ada'],
    hosts,
  });
  const signInAt = (host: string) => {
    const headers: Record<string, string> = { host, [DEMO_USER_HEADER]: 'ada' };
    const req = { header: (name: string) => headers[name.toLowerCase()] };
    type Input = Parameters<typeof authenticator.authenticate>[0];
    return authenticator.authenticate({ req } as unknown as Input, undefined);
  };

  it("answers at the portal's own address", async () => {
    await expect(signInAt('localhost:7007')).resolves.toMatchObject({
      result: { userEntityRef: 'user:default/ada' },
    });
  });

  it('does not answer a name that somebody else had point here', async () => {
    await expect(signInAt('evil.example.org:7007')).rejects.toThrow(
      /sent to 'evil\.example\.org:7007'/,
    );
  });
});
