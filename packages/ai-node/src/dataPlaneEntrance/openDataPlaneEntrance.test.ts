import { mockServices } from '@backstage/backend-test-utils';
import { type Issued, TestAuthority } from '@greenroom/certificates/testing';
import express from 'express';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openDataPlaneEntrance } from './openDataPlaneEntrance';

describe('openDataPlaneEntrance', () => {
  const app = express();
  app.get('/routes', (_req, res) => {
    res.json({ models: [] });
  });
  let folder: string;
  let authority: TestAuthority;
  let dataPlane: Issued;
  const shutdowns: (() => void | Promise<void>)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'entrance-'));
    authority = await TestAuthority.create('Authority');
    dataPlane = await authority.issue('data plane');
    const own = await authority.issue('control plane');
    await writeFile(join(folder, 'ca.crt'), authority.certificate);
    await writeFile(join(folder, 'tls.crt'), own.certificate);
    await writeFile(join(folder, 'tls.key'), own.privateKey);
  });
  afterEach(async () => {
    for (const shutDown of shutdowns.splice(0)) await shutDown();
  });
  afterAll(() => rm(folder, { recursive: true }));

  const settings = (
    more: Record<string, string | number | undefined> = {},
  ) => ({
    port: 0,
    host: '127.0.0.1',
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
    clientCaFile: join(folder, 'ca.crt'),
    ...more,
  });

  async function open(
    dataPlaneEntrance: ReturnType<typeof settings> | undefined,
  ): Promise<number | undefined> {
    const startups: (() => void | Promise<void>)[] = [];
    let port: number | undefined;
    openDataPlaneEntrance({
      app,
      config: mockServices.rootConfig({
        data: { greenroom: { dataPlaneEntrance } },
      }),
      lifecycle: mockServices.lifecycle.mock({
        addStartupHook: hook => startups.push(hook),
        addShutdownHook: hook => shutdowns.push(hook),
      }),
      logger: mockServices.logger.mock(),
      onListening: bound => {
        port = bound;
      },
    });
    for (const startUp of startups) await startUp();
    return port;
  }

  const ask = (port: number, issued?: Issued) =>
    new Promise<string>((resolve, reject) => {
      request(
        {
          port,
          host: '127.0.0.1',
          path: '/routes',
          agent: false,
          ca: authority.certificate,
          cert: issued?.certificate,
          key: issued?.privateKey,
        },
        response => text(response).then(resolve, reject),
      )
        .on('error', reject)
        .end();
    });

  it('leads to the same routes, for those alone who show a certificate of the authority', async () => {
    const port = await open(settings());
    expect(await ask(port!, dataPlane)).toBe('{"models":[]}');
    const stranger = await TestAuthority.create('Stranger');
    await expect(
      ask(port!, await stranger.issue('stranger')),
    ).rejects.toThrow();
    await expect(ask(port!)).rejects.toThrow();
  });

  it('opens nothing where it is not set', async () => {
    expect(await open(undefined)).toBeUndefined();
  });

  it.each([
    [{ port: 70_000 }, 'greenroom.dataPlaneEntrance.port is 70000'],
    [{ clientCaFile: undefined }, 'greenroom.dataPlaneEntrance.clientCaFile'],
    [{ keyFile: '/nowhere' }, '/nowhere'],
  ])('does not begin with %p', async (wrong, expected) => {
    await expect(open(settings(wrong))).rejects.toThrow(expected);
  });
});
