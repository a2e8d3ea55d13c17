import { TestAuthority } from '@greenroom/certificates/testing';
import { KubeConfig } from '@kubernetes/client-node';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ClusterClient } from './ClusterClient';

describe('Connections to a cluster', () => {
  let server: Server;
  let connections = 0;
  let tokens: (string | undefined)[] = [];
  let certificate = '';
  const DATE = 'Sun, 03 May 2026 08:00:00 GMT';

  beforeAll(async () => {
    const authority = await TestAuthority.create('cluster');
    const issued = await authority.issue('127.0.0.1');
    certificate = authority.certificate;
    server = createServer(
      { cert: issued.certificate, key: issued.privateKey },
      (req, res) => {
        tokens.push(req.headers.authorization);
        res
          .writeHead(200, { 'Content-Type': 'application/json', Date: DATE })
          .end('{"gitVersion":"v1.36.3"}');
      },
    );
    server.on('secureConnection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    connections = 0;
    tokens = [];
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  const config = (ca: string) => {
    const { port } = server.address() as AddressInfo;
    const kube = new KubeConfig();
    kube.loadFromClusterAndUser(
      {
        name: 'test',
        server: `https://127.0.0.1:${port}`,
        caData: Buffer.from(ca).toString('base64'),
        skipTLSVerify: false,
      },
      { name: 'test', token: 'one' },
    );
    return kube;
  };

  it('are kept for the next request, and say each time who we are', async () => {
    const kube = config(certificate);
    const client = new ClusterClient(kube);
    for (let asked = 0; asked < 5; asked++) {
      expect(await client.version()).toBe('v1.36.3');
    }
    (kube.users[0] as { token: string }).token = 'two';
    await client.version();
    expect(connections).toBe(1);
    expect(tokens).toEqual([...Array(5).fill('Bearer one'), 'Bearer two']);
  });

  it('are others once certificates are others', async () => {
    const kube = config(certificate);
    const client = new ClusterClient(kube);
    await client.version();
    const other = await TestAuthority.create('other');
    const { caData } = config(`${certificate}\n${other.certificate}`)
      .clusters[0];
    (kube.clusters[0] as { caData?: string }).caData = caData;
    await client.version();
    expect(connections).toBe(2);
  });

  it('do not outlive who serves at the other end', async () => {
    const client = new ClusterClient(config(certificate));
    await client.version();
    server.closeAllConnections();
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(await client.version()).toBe('v1.36.3');
    expect(connections).toBe(2);
  });

  it("tell the cluster's clock", async () => {
    const client = new ClusterClient(config(certificate));
    const before = client.nowMillis;
    expect(Math.abs(before - Date.now())).toBeLessThan(1_000);
    await client.version();
    const passed = client.nowMillis - Date.parse(DATE);
    expect(passed).toBeGreaterThanOrEqual(0);
    expect(passed).toBeLessThan(10_000);
  });
});
