import { mockServices } from '@backstage/backend-test-utils';
import { TestAuthority } from '@greenroom/certificates/testing';
import { KubeConfig } from '@kubernetes/client-node';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { KubernetesDeployer } from './KubernetesDeployer';

const ENVIRONMENTS = 60;

it('looks at few of many environments at the same time, and at all of them', async () => {
  const open = new Set<string>();
  const asked = new Set<string>();
  let most = 0;
  // Each question is answered a moment later, by an object that is another portal's: the pass ends there.
  const authority = await TestAuthority.create('authority');
  const { certificate, privateKey } = await authority.issue('cluster');
  const identity = { cert: certificate, key: privateKey };
  const server = createServer(identity, (request, response) => {
    const name = /secrets\/([^/?]+)/.exec(request.url ?? '')?.[1];
    if (request.url === '/api/v1') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          kind: 'APIResourceList',
          groupVersion: 'v1',
          resources: [
            {
              name: 'secrets',
              kind: 'Secret',
              namespaced: true,
            },
          ],
        }),
      );
      return;
    }
    if (name === undefined) {
      response.writeHead(500).end();
      return;
    }
    open.add(name);
    asked.add(name);
    most = Math.max(most, open.size);
    setTimeout(() => {
      open.delete(name);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name, namespace: 'models' },
        }),
      );
    }, 500);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      {
        name: 'small',
        caData: Buffer.from(authority.certificate).toString('base64'),
        server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      },
    ],
    users: [{ name: 'small', token: 'token' }],
    contexts: [{ name: 'small', cluster: 'small', user: 'small' }],
    currentContext: 'small',
  });
  const names = Array.from({ length: ENVIRONMENTS }, (_, index) => `e${index}`);
  const deployer = new KubernetesDeployer({
    environments: new Map(
      names.map(name => [
        name,
        {
          settings: {
            kind: 'kubernetes',
            namespace: 'models',
            image: 'example/data-plane:1',
            replicas: { min: 1, max: 1 },
            scaleOn: {},
            resources: { cpu: '1', memory: '1Gi' },
            drift: 'repair',
          },
        },
      ]),
    ),
    installation: 'test',
    cluster: () => config,
    controlPlaneUrl: async () => 'http://127.0.0.1:9',
    tokens: {
      lend: async () => ({ secret: 'secret' }),
      renew: async tokens => tokens,
      takeBack: async () => {},
    },
    logger: mockServices.logger.mock(),
    clock: () => new Date(),
  });
  try {
    await Promise.all(
      names.map(environment =>
        deployer.reconcile({ environment, wanted: true }),
      ),
    );
    while (asked.size < ENVIRONMENTS) {
      await new Promise(done => setTimeout(done, 10));
    }
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  } finally {
    await deployer.stop();
    server.closeAllConnections();
    server.close();
  }
});
