import { ConfigReader } from '@backstage/config';
import { EnvironmentConnections } from './connection';
import { Environments } from './environment';

const TRITON = {
  name: 'triton',
  template: 'triton',
  image: 'example/triton:1',
};
const LLAMA = { name: 'llama', template: 'vllm', image: 'example/vllm:1' };

const environment = (name: string, modelServers: object[], rest = {}) => ({
  name,
  deployer: {
    kind: 'kubernetes',
    namespace: 'models',
    image: 'example/data-plane:1',
    modelServers,
  },
  ...rest,
});

const configOf = (...environments: object[]) =>
  new ConfigReader({ greenroom: { environments } } as {});

describe('names in a cluster', () => {
  const read = (...environments: object[]) =>
    Environments.fromConfig(configOf(...environments));

  it('may be the same in other namespaces', () => {
    const other = environment('live-triton', []);
    const elsewhere = {
      ...other,
      deployer: { ...other.deployer, namespace: 'others' },
    };
    expect(read(environment('live', [TRITON]), elsewhere).names).toEqual([
      'live',
      'live-triton',
    ]);
  });

  it('are not given twice in one', () => {
    expect(() =>
      read(environment('live', [TRITON]), environment('live-triton', [])),
    ).toThrow(
      'greenroom.environments[1].name makes the name greenroom-live-triton in its namespace, as greenroom.environments[0].deployer.modelServers[0].name does',
    );
  });

  it('are no longer than the cluster takes', () => {
    expect(() =>
      read(environment('e'.repeat(40), [{ ...TRITON, name: 's'.repeat(20) }])),
    ).toThrow('of 71 characters: expected at most 63');
  });
});

describe('a connection that names a model server', () => {
  const read = (connections: object, servers: object[] = [TRITON, LLAMA]) =>
    EnvironmentConnections.fromConfig(
      configOf(environment('live', servers, { connections })),
    );

  it('has its address within the cluster', () => {
    const connections = read({
      rest: { kind: 'open-inference', server: 'triton' },
      grpc: { kind: 'open-inference', server: 'triton', protocol: 'grpc' },
      both: {
        upstreams: [
          { kind: 'openai-compatible', server: 'llama', weight: 3 },
          { kind: 'openai-compatible', baseUrl: 'https://llm.example/v1' },
        ],
      },
    });
    const host = 'greenroom-live-triton.models.svc';
    expect(connections.find('live', 'rest')?.settings).toEqual({
      baseUrl: `http://${host}:8000`,
    });
    expect(connections.find('live', 'grpc')?.settings).toEqual({
      protocol: 'grpc',
      baseUrl: `grpc://${host}:8001`,
    });
    expect(
      connections
        .listUpstreams('live')
        .flatMap(({ name, settings }) =>
          name.startsWith('both/') ? [settings] : [],
        ),
    ).toEqual([
      { baseUrl: 'http://greenroom-live-llama.models.svc:8000/v1' },
      { baseUrl: 'https://llm.example/v1' },
    ]);
  });

  it.each<[string, object, object[] | undefined, string]>([
    [
      'that there is not',
      { kind: 'open-inference', server: 'tritn' },
      undefined,
      'connections.llm.server is "tritn": expected one of deployer.modelServers of live, which are triton, llama',
    ],
    [
      'where there is none',
      { kind: 'open-inference', server: 'triton' },
      [],
      'of live, which has none',
    ],
    [
      'that speaks something else',
      { kind: 'openai-compatible', server: 'triton' },
      undefined,
      "connections.llm.server is 'triton', which speaks open-inference: expected a server that speaks openai for kind openai-compatible",
    ],
    [
      'and an address',
      { kind: 'open-inference', server: 'triton', baseUrl: 'http://t' },
      undefined,
      'connections.llm has server and baseUrl: expected one of them',
    ],
    [
      'that has no gRPC',
      { kind: 'open-inference', server: 'own', protocol: 'grpc' },
      [
        {
          name: 'own',
          image: 'example/own:1',
          protocol: 'open-inference',
          port: 80,
        },
      ],
      "connections.llm.protocol is grpc, and the server 'own' has no grpcPort",
    ],
  ])('is refused with one %s', (_what, llm, servers, message) => {
    expect(() => read({ llm }, servers)).toThrow(message);
  });
});
