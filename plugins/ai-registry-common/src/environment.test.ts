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

  it('may make versions wait, and have times at which nothing is merged', () => {
    const window = { rrule: 'FREQ=WEEKLY;BYDAY=FR', timeZone: 'Europe/Zurich' };
    const reason = 'Nobody watches';
    const environments = read(
      { name: 'test' },
      {
        name: 'live',
        promotesFrom: 'test',
        soak: { days: 1, hours: 12 },
        freeze: [
          { ...window, reason, duration: 'P2DT14H', start: '2026-01-02T18:00' },
          { ...window, reason, duration: '90m' },
        ],
      },
    );
    expect(environments.get('live')).toMatchObject({
      soakSeconds: 129_600,
      freeze: [
        {
          ...window,
          reason,
          start: '2026-01-02T18:00',
          duration: { days: 2, hours: 14 },
        },
        { ...window, reason, start: '2024-01-01T00:00' },
      ],
    });
    expect(environments.get('test')).not.toHaveProperty('freeze');
  });

  const frozen = (changes: object) => [
    {
      name: 'live',
      freeze: [
        {
          rrule: 'FREQ=DAILY',
          timeZone: 'UTC',
          duration: { hours: 1 },
          reason: 'Closed',
          ...changes,
        },
      ],
    },
  ];

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
    [
      'a time to wait for nothing',
      [{ name: 'live', soak: { hours: 1 } }],
      'environments[0].soak: expected promotesFrom beside it',
    ],
    [
      'a time to wait that is no duration',
      [{ name: 'dev' }, { name: 'live', promotesFrom: 'dev', soak: 'long' }],
      'environments[1].soak: expected a duration, such as { hours: 12 }, 90m or P2DT14H',
    ],
    [
      'a freeze in no time zone',
      frozen({ timeZone: 'Europe/Atlantis' }),
      "environments[0].freeze[0].timeZone is 'Europe/Atlantis': expected the name of a time zone",
    ],
    [
      'a freeze that begins nowhere',
      frozen({ start: '18:00' }),
      "freeze[0].start is '18:00': expected a time without its zone",
    ],
    [
      'a freeze of no length',
      frozen({ duration: { hours: 0 } }),
      'freeze[0].duration is {"hours":0}: expected whole numbers, and more than nothing',
    ],
    [
      'a freeze of half hours',
      frozen({ duration: { hours: 0.5 } }),
      'freeze[0].duration is {"hours":0.5}: expected whole numbers',
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
