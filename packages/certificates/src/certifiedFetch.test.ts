import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateFiles } from './CertificateFiles';
import { certifiedFetch } from './certifiedFetch';
import { certifiedServer } from './certifiedServer';
import { type Issued, TestAuthority } from './testing/TestAuthority';

const logger = { info() {}, warn() {} };
let folder: string;
let authority: TestAuthority;
let server: Server;
const opened: CertificateFiles[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certified-'));
  authority = await TestAuthority.create('Authority');
  await writeFile(join(folder, 'ca.crt'), authority.certificate);
  await put('server', await authority.issue('server'));
  await put('client', await authority.issue('client'));
  server = certifiedServer(open('server'));
  server.on('request', (request, response) => {
    request.pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  opened.forEach(files => files.close());
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

async function put(name: string, { certificate, privateKey }: Issued) {
  await writeFile(join(folder, `${name}.crt`), certificate);
  await writeFile(join(folder, `${name}.key`), privateKey);
}

function open(name: string): CertificateFiles {
  const files = new CertificateFiles({
    what: name,
    paths: {
      identity: {
        certificate: join(folder, `${name}.crt`),
        privateKey: join(folder, `${name}.key`),
      },
      authorities: join(folder, 'ca.crt'),
    },
    logger,
  });
  opened.push(files);
  return files;
}

const url = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
const ask = (call: typeof fetch) =>
  call(url(), { method: 'POST', body: 'hello' });

it('shows and trusts what the files hold, and what they hold later', async () => {
  const files = open('client');
  const call = certifiedFetch(files);
  const answer = await ask(call);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('hello');
  const stranger = await TestAuthority.create('Stranger');
  await put('client', await stranger.issue('client'));
  await files.look();
  server.closeAllConnections();
  await expect(ask(call)).rejects.toThrow('fetch failed');
});

it('is the global one without files', async () => {
  await expect(ask(certifiedFetch(undefined))).rejects.toThrow('fetch failed');
  expect(await (await certifiedFetch(undefined)('data:,hello')).text()).toBe(
    'hello',
  );
});
