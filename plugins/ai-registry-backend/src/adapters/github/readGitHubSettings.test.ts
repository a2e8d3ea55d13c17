import { mockServices } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import { readGitHubSettings } from './readGitHubSettings';

const APP = {
  appId: 7,
  privateKey: 'key',
  webhookSecret: 'of the App',
  clientId: 'c',
  clientSecret: 's',
};

describe('readGitHubSettings', () => {
  const read = (
    environments: JsonObject,
    integration: JsonObject = { apps: [APP] },
  ) =>
    readGitHubSettings(
      mockServices.rootConfig({
        data: {
          aiRegistry: { environments },
          integrations: { github: [{ host: 'github.com', ...integration }] },
        },
      }),
    );
  const repository = 'https://github.com/acme/environments';

  it('reads where it is, and takes the App from Backstage', () => {
    expect(read({})).toBeUndefined();
    expect(read({ repository })).toEqual({
      owner: 'acme',
      repository: 'environments',
      pageUrl: 'https://github.com/acme/environments',
      apiUrl: 'https://api.github.com',
      credentials: { kind: 'app', appId: 7, privateKey: 'key' },
      webhookSecret: 'of the App',
      mergeMethod: 'merge',
      requireChecks: true,
      sweepMillis: 60_000,
    });
  });

  it('takes another secret, another method, a token, and an Enterprise server', () => {
    expect(
      read(
        {
          repository: 'https://github.acme.dev/acme/environments.git',
          github: {
            webhookSecret: 'own',
            mergeMethod: 'squash',
            requireChecks: false,
            sweepSeconds: 5,
          },
        },
        {
          host: 'github.acme.dev',
          apiBaseUrl: 'https://github.acme.dev/api/v3',
          token: 'ghp_1',
        },
      ),
    ).toMatchObject({
      pageUrl: 'https://github.acme.dev/acme/environments',
      apiUrl: 'https://github.acme.dev/api/v3',
      credentials: { kind: 'token', token: 'ghp_1' },
      webhookSecret: 'own',
      mergeMethod: 'squash',
      requireChecks: false,
      sweepMillis: 5_000,
    });
  });

  it('takes the App that may be used for the owner', () => {
    const apps = [
      { ...APP, appId: 8, allowedInstallationOwners: ['other'] },
      { ...APP, appId: 9, allowedInstallationOwners: ['ACME'] },
    ];
    expect(read({ repository }, { apps })).toMatchObject({
      credentials: { appId: 9 },
    });
  });

  it.each<[string, JsonObject, JsonObject | undefined, string]>([
    [
      'no repository',
      { repository: 'https://github.com/acme' },
      undefined,
      'must be the page of a repository',
    ],
    [
      'a network in the clear',
      { repository: 'http://github.com/acme/e' },
      undefined,
      'must be the page of a repository',
    ],
    [
      'another host',
      { repository: 'https://gitlab.com/acme/e' },
      undefined,
      "no entry for the host 'gitlab.com'",
    ],
    [
      'no credentials',
      { repository },
      {},
      'has neither an App for this owner nor a token',
    ],
    [
      'another method',
      { repository, github: { mergeMethod: 'octopus' } },
      undefined,
      'must be one of merge, squash, rebase',
    ],
    [
      'a sweep all the time',
      { repository, github: { sweepSeconds: 1 } },
      undefined,
      'must lie between 5 and 3600',
    ],
  ])('says what is wrong: %s', (_, environments, integration, message) => {
    expect(() => read(environments, integration)).toThrow(message);
  });

  it('does not repeat a token that somebody put into the address', () => {
    const address = 'https://ghp_secret@github.com/acme/environments';
    expect(() => read({ repository: address })).toThrow(
      'has credentials in it: put them under integrations.github',
    );
    expect(() => read({ repository: address })).not.toThrow('ghp_secret');
  });
});
