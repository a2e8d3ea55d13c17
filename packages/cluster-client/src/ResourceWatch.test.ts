import { KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClusterClient } from './ClusterClient';
import type { ClusterError } from './ClusterError';
import { ResourceWatch } from './ResourceWatch';

const PATH = '/api/v1/namespaces/models/pods';
/** What clients ask first: the names of resources. */
const KINDS = {
  kind: 'APIResourceList',
  groupVersion: 'v1',
  resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: [] }],
};

function pod(name: string, resourceVersion: string): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'models', resourceVersion },
  };
}

/** An API server that does what it is told, and says what it was asked. */
class ToldServer {
  readonly asked: string[] = [];
  readonly #server: Server;
  /** What each watch is answered, in turns; the last one again and again. */
  watches: ((res: ServerResponse) => void)[] = [res => res.flushHeaders()];
  list: { items: V1Pod[]; resourceVersion: string } = {
    items: [],
    resourceVersion: '1',
  };

  constructor() {
    this.#server = createServer((req, res) => {
      const { pathname, searchParams: query } = new URL(
        req.url ?? '',
        'http://any',
      );
      res.setHeader('content-type', 'application/json');
      if (pathname !== PATH) {
        res.end(JSON.stringify(KINDS));
        return;
      }
      if (query.get('watch') === null) {
        this.asked.push('list');
        res.end(
          JSON.stringify({
            apiVersion: 'v1',
            kind: 'PodList',
            metadata: { resourceVersion: this.list.resourceVersion },
            items: this.list.items,
          }),
        );
        return;
      }
      this.asked.push(`watch from ${query.get('resourceVersion')}`);
      const [next, ...others] = this.watches;
      if (others.length > 0) this.watches = others;
      next(res);
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

function tell(res: ServerResponse, type: string, object: unknown): void {
  res.write(`${JSON.stringify({ type, object })}\n`);
}

async function until(isSo: () => boolean): Promise<void> {
  const endMillis = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > endMillis) throw new Error('never');
    await new Promise(done => setTimeout(done, 10));
  }
}

describe('ResourceWatch', () => {
  let server: ToldServer;
  let troubles: ClusterError[];
  let watch: ResourceWatch<V1Pod>;

  const names = () => watch.items?.map(item => item.metadata?.name);

  beforeEach(async () => {
    server = new ToldServer();
    troubles = [];
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [
        { name: 'told', server: await server.start(), skipTLSVerify: true },
      ],
      users: [{ name: 'told', token: 'told' }],
      contexts: [{ name: 'told', cluster: 'told', user: 'told' }],
      currentContext: 'told',
    });
    watch = new ResourceWatch<V1Pod>({
      client: new ClusterClient(config, { answerMillis: 300 }),
      apiVersion: 'v1',
      kind: 'Pod',
      path: PATH,
      namespace: 'models',
      selector: 'a=b',
      onChanged: () => {},
      onTrouble: error => troubles.push(error),
    });
  });
  afterEach(async () => {
    watch.stop();
    await server.stop();
  });

  it('knows what was listed, and what has changed since', async () => {
    server.list = {
      items: [pod('one', '1'), pod('two', '2')],
      resourceVersion: '2',
    };
    server.watches = [
      res => {
        tell(res, 'DELETED', pod('one', '3'));
        tell(res, 'ADDED', pod('three', '4'));
      },
    ];
    expect(watch.items).toBeUndefined();
    watch.start();
    await until(() => names()?.includes('three') ?? false);
    expect(names()).toEqual(['two', 'three']);
    expect(server.asked).toEqual(['list', 'watch from 2']);
  });

  it('goes on from where it was when a watch ends, without a new list', async () => {
    server.watches = [
      res => {
        tell(res, 'ADDED', pod('one', '5'));
        tell(res, 'BOOKMARK', pod('', '9'));
        res.end();
      },
      res => tell(res, 'ADDED', pod('two', '10')),
    ];
    watch.start();
    await until(() => names()?.includes('two') ?? false);
    expect(server.asked).toEqual(['list', 'watch from 1', 'watch from 9']);
    expect(troubles).toEqual([]);
  });

  it('says what it is refused, lists anew meanwhile, and takes it back when it is told again', async () => {
    server.list = { items: [pod('old', '1')], resourceVersion: '1' };
    server.watches = [
      res => {
        server.list = { items: [pod('new', '7')], resourceVersion: '7' };
        res.writeHead(403).end();
      },
      res => res.writeHead(403).end(),
      res => tell(res, 'ADDED', pod('newest', '8')),
    ];
    watch.start();
    await until(() => names()?.includes('new') ?? false);
    expect(watch.refusal).toContain('403');
    await until(() => names()?.includes('newest') ?? false);
    expect(watch.refusal).toBeUndefined();
  });

  it('takes back what it was refused when it is let watch, though nothing changes then', async () => {
    server.watches = [
      res => res.writeHead(403).end(),
      res => res.flushHeaders(),
    ];
    watch.start();
    await until(() => watch.refusal !== undefined);
    await until(() => watch.refusal === undefined);
    expect(server.asked).toHaveLength(4);
  });

  it.each([
    [
      'by an event',
      (res: ServerResponse) => {
        tell(res, 'ERROR', { kind: 'Status', code: 410 });
        res.end();
      },
    ],
    ['by its status', (res: ServerResponse) => res.writeHead(410).end()],
  ])(
    'lists anew where the server has forgotten where it was, said %s',
    async (_, forgets) => {
      server.list = { items: [pod('old', '1')], resourceVersion: '1' };
      server.watches = [
        res => {
          server.list = { items: [pod('new', '7')], resourceVersion: '7' };
          forgets(res);
        },
        res => res.flushHeaders(),
      ];
      watch.start();
      await until(() => server.asked.includes('watch from 7'));
      expect(names()).toEqual(['new']);
      expect(server.asked).toEqual([
        'list',
        'watch from 1',
        'list',
        'watch from 7',
      ]);
    },
  );

  it('does not wait for a server that takes the connection and does not answer', async () => {
    server.watches = [() => {}, res => tell(res, 'ADDED', pod('one', '2'))];
    watch.start();
    await until(() => names()?.includes('one') ?? false);
    expect(troubles.map(error => error.message)).toEqual([
      'the cluster does not answer within 0.3 seconds',
    ]);
  });

  it('says since when nothing is told of changes, and takes it back when something is', async () => {
    server.watches = [() => {}, res => res.flushHeaders()];
    const beginMillis = performance.now();
    watch.start();
    expect(watch.awaySinceMillis).toBeUndefined();
    await until(() => watch.awaySinceMillis !== undefined);
    expect(watch.awaySinceMillis).toBeGreaterThanOrEqual(beginMillis + 300);
    await until(() => watch.awaySinceMillis === undefined);
    expect(server.asked.filter(asked => asked !== 'list')).toHaveLength(2);
  });

  it('goes on after what it cannot read, and after a connection that breaks', async () => {
    server.watches = [
      res => res.end('no JSON\n'),
      res => {
        tell(res, 'ADDED', pod('one', '2'));
        setTimeout(() => res.destroy(), 20);
      },
      res => tell(res, 'ADDED', pod('two', '3')),
    ];
    watch.start();
    await until(() => names()?.includes('two') ?? false);
    expect(names()).toEqual(['one', 'two']);
    expect(troubles).toHaveLength(2);
  });

  it('asks nothing more when it is stopped', async () => {
    server.watches = [res => res.end()];
    watch.start();
    await until(() => server.asked.length >= 2);
    watch.stop();
    const { length } = server.asked;
    await new Promise(done => setTimeout(done, 700));
    expect(server.asked).toHaveLength(length);
  });
});
