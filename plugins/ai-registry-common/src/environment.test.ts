import { ConfigReader } from '@backstage/config';
import { Environments } from './environment';

const read = (...environments: object[]) =>
  Environments.fromConfig(new ConfigReader({ greenroom: { environments } }));

describe('Environments', () => {
  it('are dev, staging and production where nothing is configured', () => {
    const environments = Environments.fromConfig(new ConfigReader({}));
    expect(environments.names).toEqual(['dev', 'staging', 'production']);
    expect(environments.last.name).toBe('production');
  });

  it('are what is configured, in its order', () => {
    const environments = read(
      { name: 'test' },
      {
        name: 'eu-live',
        title: 'Europe',
        promotesFrom: 'test',
        approvals: { count: 2, groups: ['Group:default/Risk'] },
        dataPlane: { address: 'https://models.example.com/eu/' },
        deployer: 'none',
      },
    );
    expect(environments.all).toEqual([
      {
        name: 'test',
        title: 'test',
        requiredApprovals: 1,
        deployer: { kind: 'none' },
      },
      {
        name: 'eu-live',
        title: 'Europe',
        promotesFrom: 'test',
        requiredApprovals: 2,
        approverGroups: ['group:default/risk'],
        dataPlaneAddress: 'https://models.example.com/eu',
        deployer: { kind: 'none' },
      },
    ]);
    expect(environments.has('production')).toBe(false);
    expect(() => environments.get('production')).toThrow(
      "environment: expected one of test, eu-live, got 'production'",
    );
  });

  it('may have data planes that the control plane runs', () => {
    const environments = read(
      { name: 'dev', deployer: 'local' },
      { name: 'test', deployer: { kind: 'local', port: 7090, idleMinutes: 5 } },
      { name: 'live', deployer: { kind: 'none' } },
    );
    expect(environments.all.map(({ deployer }) => deployer)).toEqual([
      { kind: 'local', idleMinutes: 15 },
      { kind: 'local', port: 7090, idleMinutes: 5 },
      { kind: 'none' },
    ]);
  });

  it.each([
    [
      'a port that is none',
      [{ name: 'dev', deployer: { kind: 'local', port: 0.5 } }],
      'environments[0].deployer.port is 0.5: expected a whole number from 1 to 65535',
    ],
    [
      'a data plane that never sleeps',
      [{ name: 'dev', deployer: { kind: 'local', idleMinutes: 0 } }],
      'environments[0].deployer.idleMinutes is 0',
    ],
    [
      'a port for what others start',
      [{ name: 'dev', deployer: { kind: 'none', port: 7090 } }],
      'expected only where kind is local',
    ],
    [
      'a port twice',
      [
        { name: 'dev', deployer: { kind: 'local', port: 7090 } },
        { name: 'test', deployer: { kind: 'local', port: 7090 } },
      ],
      "environments[1].deployer.port is 7090: 'dev' has it",
    ],
    ['no environment', [], 'greenroom.environments is empty'],
    ['a name that is no folder', [{ name: 'Prod/EU' }], "name is 'Prod/EU'"],
    ['a name that means something', [{ name: 'latest' }], 'none of latest'],
    [
      'a name twice',
      [{ name: 'live' }, { name: 'live' }],
      "environments[1].name is 'live': another environment",
    ],
    [
      'a way from a later one',
      [{ name: 'live', promotesFrom: 'test' }, { name: 'test' }],
      "environments[0].promotesFrom is 'test'",
    ],
    [
      'no approval',
      [{ name: 'live', approvals: { count: 0 } }],
      'environments[0].approvals.count is 0',
    ],
    [
      'groups of nobody',
      [{ name: 'live', approvals: { groups: [] } }],
      'environments[0].approvals.groups names 0 groups: expected 1 to 20',
    ],
    [
      'a person as a group',
      [{ name: 'live', approvals: { groups: ['user:default/ada'] } }],
      "environments[0].approvals.groups has 'user:default/ada': expected the entity ref of a group",
    ],
    ...[
      'models.example.com',
      'ftp://models.example.com',
      'https://ada:secret@models.example.com',
      'https://models.example.com?key=1',
    ].map((address): [string, object[], string] => [
      `the address ${address}`,
      [{ name: 'live', dataPlane: { address } }],
      'environments[0].dataPlane.address is ',
    ]),
    [
      'a deployer that there is not',
      [{ name: 'live', deployer: 'magic' }],
      "environments[0].deployer is 'magic'",
    ],
  ])('refuse %s', (_what, environments, message) => {
    expect(() => read(...environments)).toThrow(message);
  });
});
