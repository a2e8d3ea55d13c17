import { KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClusterClient } from '@greenroom/cluster-client';
import { KubernetesPods } from './KubernetesPods';
import { ENVIRONMENT_LABEL } from './objects';

const POD = 'greenroom-live-5d9c7-x2v4k';
const QUERY = {
  environment: 'live',
  pod: POD,
  tailLines: 20,
  previous: false,
};

function pod(name: string, environment: string): V1Pod {
  return {
    metadata: { name, labels: { [ENVIRONMENT_LABEL]: environment } },
    spec: { containers: [{ name: 'data-plane', image: 'example/serving:1' }] },
  };
}

interface Answer {
  status?: number;
  type?: string;
  body: string;
}

/** Answers as an API server does whose nodes give logs. */
describe('KubernetesPods', () => {
  let server: Server;
  let asked: string[];
  let answer: (url: URL) => Answer | undefined;
  let known: V1Pod[] | undefined;
  let pods: KubernetesPods;
  let podsBy: (answerMillis: number) => KubernetesPods;

  beforeEach(async () => {
    asked = [];
    known = [pod(POD, 'live'), pod('greenroom-dev-1-a', 'dev')];
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://cluster');
      asked.push(request.url ?? '');
      const given = answer(url);
      // One that takes the question and does not answer.
      if (!given) return;
      const { status = 200, type = 'text/plain', body } = given;
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      {
        name: 'test',
        server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        skipTLSVerify: true,
      },
      { name: 'test' },
    );
    podsBy = answerMillis => {
      const client = new ClusterClient(config, { answerMillis });
      return new KubernetesPods({
        placeOf: () => ({
          client,
          namespace: 'models',
          servers: ['llama'],
          pods: known,
        }),
      });
    };
    pods = podsBy(30_000);
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  });

  const status = (code: number, message: string): Answer => ({
    status: code,
    type: 'application/json',
    body: JSON.stringify({ kind: 'Status', code, message }),
  });

  it('gives the newest lines of a pod, of its data plane alone', async () => {
    answer = () => ({ body: '{"message":"started"}\n{"message":"ready"}\n' });
    expect(await pods.log(QUERY)).toEqual({
      pod: POD,
      text: '{"message":"started"}\n{"message":"ready"}\n',
      isCut: false,
    });
    await pods.log({ ...QUERY, previous: true });
    const [now, before] = asked.map(url => new URL(url, 'http://cluster'));
    expect(now.pathname).toBe(`/api/v1/namespaces/models/pods/${POD}/log`);
    expect(Object.fromEntries(now.searchParams)).toMatchObject({
      container: 'data-plane',
      tailLines: '20',
      limitBytes: '4194304',
      previous: 'false',
    });
    expect(before.searchParams.get('previous')).toBe('true');
  });

  it('leaves out the oldest lines of what is too long, and says so', async () => {
    const line = `${'x'.repeat(1023)}\n`;
    answer = () => ({ body: `${line.repeat(600)}last\n` });
    const { text, isCut } = await pods.log(QUERY);
    expect(isCut).toBe(true);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(512 * 1024);
    expect(text.endsWith(`${line}last\n`)).toBe(true);
    expect(text.length % 1024).toBe('last\n'.length);
  });

  it('refuses what is so long that the cluster has left out its end', async () => {
    answer = () => ({ body: 'x'.repeat(4 * 1024 * 1024) });
    await expect(pods.log(QUERY)).rejects.toThrow(
      'are longer than 4 MiB: ask for fewer',
    );
  });

  it.each([
    {
      given: () => status(400, 'container "data-plane" is waiting to start'),
      name: 'ConflictError',
      message: `pod ${POD} has no such log: container "data-plane" is waiting to start`,
    },
    {
      given: () => status(404, `pods "${POD}" not found`),
      name: 'NotFoundError',
      message: `pod ${POD} is gone, and its log with it`,
    },
    {
      given: () => status(403, 'pods "x" is forbidden: User "portal" ...'),
      name: 'ServiceUnavailableError',
      message: `the log of pod ${POD} cannot be read: pods "x" is forbidden: User "portal" ...`,
    },
  ])('says why there is no log: $name', async ({ given, name, message }) => {
    answer = given;
    await expect(pods.log(QUERY)).rejects.toMatchObject({ name, message });
  });

  it('says that the cluster does not answer', async () => {
    answer = () => undefined;
    await expect(podsBy(200).log(QUERY)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: `the log of pod ${POD} cannot be read: the cluster does not answer within 0.2 seconds`,
    });
  });

  it('asks the cluster for no pod that is not one of the environment', async () => {
    answer = () => ({ body: 'a line' });
    await expect(
      pods.log({ ...QUERY, pod: 'greenroom-dev-1-a' }),
    ).rejects.toThrow("live has no pod 'greenroom-dev-1-a'");
    expect(asked).toEqual([]);
  });

  it('says so while the cluster has told of no pods', async () => {
    known = undefined;
    await expect(pods.list('live')).rejects.toThrow(
      /^the cluster has not told yet which pods live has/,
    );
  });

  it('shows pods without events where these may not be listed', async () => {
    answer = () => status(403, 'events is forbidden: User "portal" ...');
    expect(await pods.list('live')).toMatchObject({
      pods: [{ name: POD, state: 'starting' }],
      events: [],
      problem: 'events is forbidden: User "portal" ...',
    });
  });

  it('asks once for many who look at the same time', async () => {
    answer = () => ({
      type: 'application/json',
      body: JSON.stringify({ kind: 'EventList', metadata: {}, items: [] }),
    });
    const all = await Promise.all([1, 2, 3].map(() => pods.list('live')));
    expect(all.map(({ events }) => events)).toEqual([[], [], []]);
    expect(asked).toHaveLength(1);
  });

  it('looks through so many events of a namespace and no more', async () => {
    const page = {
      kind: 'EventList',
      metadata: { continue: 'more' },
      items: Array.from({ length: 500 }, (_, index) => ({
        metadata: { name: `e${index}` },
        involvedObject: { kind: 'Pod', name: 'other' },
      })),
    };
    answer = () => ({ type: 'application/json', body: JSON.stringify(page) });
    expect(await pods.list('live')).toMatchObject({
      events: [],
      hasMoreEvents: true,
    });
    expect(asked).toHaveLength(4);
  });
});
