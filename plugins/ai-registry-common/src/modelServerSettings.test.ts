import { ConfigReader } from '@backstage/config';
import { readModelServers } from './modelServerSettings';

const read = (...modelServers: object[]) =>
  readModelServers(new ConfigReader({ modelServers } as {}), 'deployer');

const TRITON = {
  name: 'triton',
  template: 'triton',
  image: 'example/triton:1',
};

describe('readModelServers', () => {
  it('takes what a template says, and what stands beside it first', () => {
    const [triton, llama] = read(TRITON, {
      name: 'llama',
      template: 'vllm',
      image: 'example/vllm:1',
      args: ['--model', 'llama'],
      port: 9000,
      flavor: 'a100',
      count: 2,
      surge: false,
      volumes: [{ claimName: 'weights', mountPath: '/weights' }],
    });
    expect(triton).toEqual({
      name: 'triton',
      protocol: 'open-inference',
      image: 'example/triton:1',
      args: ['tritonserver', '--model-repository=/models'],
      env: {},
      count: 1,
      resources: {},
      replicas: 1,
      port: 8000,
      grpcPort: 8001,
      readinessPath: '/v2/health/ready',
      startupMinutes: 10,
      volumes: [],
      sharedMemory: '1Gi',
      surge: true,
    });
    expect(llama).toMatchObject({
      protocol: 'openai',
      args: ['--model', 'llama'],
      port: 9000,
      count: 2,
      readinessPath: '/health',
      startupMinutes: 30,
      surge: false,
      volumes: [
        { claimName: 'weights', mountPath: '/weights', readOnly: true },
      ],
    });
    expect(llama).not.toHaveProperty('grpcPort');
  });

  it.each<[string, object[], string]>([
    [
      'no protocol',
      [{ name: 'own', image: 'example/own:1', port: 80 }],
      'deployer.modelServers[0] has no protocol: expected protocol and port, or a template, which is one of triton, vllm',
    ],
    [
      'another template',
      [{ ...TRITON, template: 'tgi' }],
      "deployer.modelServers[0].template is 'tgi': expected triton or vllm",
    ],
    [
      'a port for gRPC that nobody speaks',
      [{ ...TRITON, template: 'vllm', grpcPort: 8001 }],
      'deployer.modelServers[0].grpcPort is 8001: expected it only where',
    ],
    [
      'one port for two things',
      [{ ...TRITON, grpcPort: 8000 }],
      'deployer.modelServers[0].grpcPort is 8000, as port is',
    ],
    [
      'a count of nothing',
      [{ ...TRITON, count: 2 }],
      'deployer.modelServers[0].count is 2: expected a flavor beside it',
    ],
    [
      'the same name twice',
      [TRITON, TRITON],
      "deployer.modelServers[1].name is 'triton', as that of another one",
    ],
    [
      'a volume without a path',
      [{ ...TRITON, volumes: [{ claimName: 'weights' }] }],
      "deployer.modelServers[0].volumes[0].mountPath is '': expected a path",
    ],
  ])('refuses %s', (_what, servers, message) => {
    expect(() => read(...servers)).toThrow(message);
  });

  it('refuses a secret among variables, and does not repeat it', () => {
    const withToken = () => read({ ...TRITON, env: { HF_TOKEN: 'hf_123' } });
    expect(withToken).toThrow(
      'deployer.modelServers[0].env.HF_TOKEN may hold a secret itself: put it into a Secret of the namespace, and name that as secretName',
    );
    expect(withToken).not.toThrow('hf_123');
  });
});
