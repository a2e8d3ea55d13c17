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
