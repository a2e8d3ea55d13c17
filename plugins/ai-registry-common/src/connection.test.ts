import { ConfigReader } from '@backstage/config';
import { EnvironmentConnections, secretReferencesOf } from './connection';

const read = (connections: object) =>
  EnvironmentConnections.fromConfig(
    new ConfigReader({
      greenroom: {
        environments: [{ name: 'dev' }, { name: 'live', connections }],
      },
    }),
  );
const OPENAI = { kind: 'openai', secret: 'file:openai' };

describe('EnvironmentConnections', () => {
  it('maps logical names, environment by environment', () => {
    const connections = read({
      llm: { ...OPENAI, project: 'p' },
      azure: {
        kind: 'azure-openai',
        endpoint: 'https://mine.openai.azure.com',
        auth: { kind: 'entra', clientId: 'c', secret: 'env:AZURE_SECRET' },
      },
    });
    expect(connections.find('live', 'llm')).toEqual({
      name: 'llm',
      kind: 'openai',
      settings: { secret: 'file:openai', project: 'p' },
    });
    expect(connections.list('live').map(({ name }) => name)).toEqual([
      'azure',
      'llm',
    ]);
    expect(connections.list('live').map(secretReferencesOf)).toEqual([
      ['env:AZURE_SECRET'],
      ['file:openai'],
    ]);
    expect(connections.find('dev', 'llm')).toBeUndefined();
    expect(connections.list('gone')).toEqual([]);
  });

  it('takes several upstreams, which share the calls', () => {
    const connections = read({
      llm: {
        upstreams: [
          OPENAI,
          { ...OPENAI, name: 'eu', weight: 3, secret: 'env:EU' },
          OPENAI,
        ],
      },
      other: OPENAI,
    });
    const llm = connections.find('live', 'llm');
    expect(llm).toMatchObject({
      name: 'llm',
      kind: 'balanced',
      settings: {},
      upstreams: [
        { name: 'llm/1', kind: 'openai', weight: 1 },
        { name: 'llm/eu', settings: { secret: 'env:EU' }, weight: 3 },
        { name: 'llm/3' },
      ],
    });
    expect(llm && secretReferencesOf(llm)).toEqual(['file:openai', 'env:EU']);
    expect(connections.listUpstreams('live').map(({ name }) => name)).toEqual([
      'llm/1',
      'llm/eu',
      'llm/3',
      'other',
    ]);
  });

  it('takes settings that only sound like a secret', () => {
    const llm = { kind: 'local', contextTokens: 2048, maxWaiting: 1 };
    expect(read({ llm }).find('live', 'llm')?.settings).toEqual({
      contextTokens: 2048,
      maxWaiting: 1,
    });
  });

  it('are none where nothing is configured', () => {
    const none = EnvironmentConnections.fromConfig(new ConfigReader({}));
    expect(none.list('production')).toEqual([]);
  });

  it.each<[object, string]>([
    [{ LLM: OPENAI }, "has a connection 'LLM'"],
    [{ llm: { secret: 'file:a' } }, 'connections.llm.kind is missing'],
    [
      { llm: { kind: 'openai', secret: 'sk-123' } },
      'connections.llm.secret may',
    ],
    [
      { llm: { kind: 'openai', apiKey: 'sk-123' } },
      'connections.llm.apiKey may',
    ],
    [{ llm: { kind: 'x', key: 'sk-123' } }, 'connections.llm.key may'],
    [{ llm: { kind: 'x', accessToken: 'sk-123' } }, 'llm.accessToken may'],
    [{ llm: { kind: 'x', password: 1234 } }, 'llm.password may'],
    [
      { llm: { kind: 'vertex-ai', credentials: { private: 'sk-123' } } },
      'llm.credentials.private may',
    ],
    [
      { llm: { kind: 'x', auth: { kind: 'key', secret: 'sk-123' } } },
      'llm.auth.secret may',
    ],
    [{ llm: { upstreams: [] } }, 'llm.upstreams: expected a list of 1 to 20'],
    [{ llm: { upstreams: 'a' } }, 'llm.upstreams: expected a list'],
    [{ llm: { upstreams: ['a'] } }, 'llm.upstreams[0]: expected an upstream'],
    [{ llm: { upstreams: [{}] } }, 'llm.upstreams[0].kind is missing'],
    [
      { llm: { upstreams: [{ kind: 'balanced' }] } },
      'llm.upstreams[0].kind is balanced: leave it out',
    ],
    [
      { llm: { upstreams: [OPENAI], kind: 'openai' } },
      'llm.kind stands beside upstreams',
    ],
    [
      { llm: { upstreams: [{ ...OPENAI, weight: 0 }] } },
      'llm.upstreams[0].weight is wrong',
    ],
    [
      { llm: { upstreams: [{ ...OPENAI, name: 'A b' }] } },
      'llm.upstreams[0].name is wrong',
    ],
    [
      { llm: { upstreams: [OPENAI, { ...OPENAI, name: '1' }] } },
      'llm.upstreams[1] is called llm/1 like another one',
    ],
    [
      { llm: { upstreams: [{ kind: 'openai', secret: 'sk-123' }] } },
      'llm.upstreams[0].secret may hold a secret',
    ],
    [
      Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e', 'f'].map(name => [
          name,
          { upstreams: new Array(20).fill({ kind: 'x' }) },
        ]),
      ),
      'has 120 upstreams of connections: expected at most 100',
    ],
    [
      { llm: { ...OPENAI, baseUrl: 'https://ada:sk-123@example.com/v1' } },
      'llm.baseUrl has a name or a password',
    ],
  ])('refuses %j, and never repeats a value', (connections, message) => {
    expect(() => read(connections)).toThrow(message);
    expect(() => read(connections)).toThrow(
      expect.objectContaining({
        message: expect.not.stringMatching(/sk-123|1234/),
      }),
    );
  });
});
