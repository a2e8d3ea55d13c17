import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '@greenroom/certificates/testing';
import { linear, v1 } from './testing/linear';
import { runPython } from './testing/runPython';
import { TestServer } from './testing/startTestServer';

jest.setTimeout(120_000);

let folder: string;
let server: TestServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'triton-tls-'));
  server = await TestServer.create(linear(v1()));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

it('is called over TLS by the clients of Triton, and by them alone who show a certificate', async () => {
  const authority = await TestAuthority.create('Authority');
  const file = (name: string) => join(folder, name);
  await writeFile(file('ca.crt'), authority.certificate);
  for (const name of ['server', 'caller']) {
    const { certificate, privateKey } = await authority.issue(name);
    await writeFile(file(`${name}.crt`), certificate);
    await writeFile(file(`${name}.key`), privateKey);
  }
  await server.start({
    GREENROOM_GRPC_PORT: '0',
    GREENROOM_TLS_CERT_FILE: file('server.crt'),
    GREENROOM_TLS_KEY_FILE: file('server.key'),
    GREENROOM_TLS_CLIENT_CA_FILE: file('ca.crt'),
  });
  const said = await runPython('triton_tls.py', [
    new URL(server.url).host,
    server.grpcAddress!,
    'gr_all',
    file('ca.crt'),
    file('caller.crt'),
    file('caller.key'),
  ]);
  const answered = { certificate: [[expect.any(Number)]], none: 'refused' };
  expect(said).toEqual({ http: answered, grpc: answered });
});
