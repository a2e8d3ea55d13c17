import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Issued, TestAuthority } from '@greenroom/certificates/testing';
import { credentials } from '@grpc/grpc-js';
import { Agent, buildConnector, request } from 'undici';
import { errorCode } from './errors';
import { CONTROL_PLANE_TOKEN } from './testing/FakeControlPlane';
import { GrpcTestClient, readProtocol } from './testing/grpcClient';
import { linear, row, v1 } from './testing/linear';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(90_000);

const PACKAGE = join(__dirname, '..');
const BODY = JSON.stringify(row);
const HEADERS = { authorization: 'Bearer gr_all' };

let folder: string;
let authority: TestAuthority;
let stranger: TestAuthority;
let caller: Issued;
let server: TestServer;
let child: ChildProcess | undefined;

const path = (name: string) => join(folder, name);

beforeAll(async () => {
  execFileSync(process.execPath, [join(PACKAGE, 'build.mjs')]);
  authority = await TestAuthority.create('Authority');
  stranger = await TestAuthority.create('Stranger');
  caller = await authority.issue('caller');
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  await writeFile(path('ca.crt'), authority.certificate);
});

afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await server.close();
  await rm(folder, { recursive: true });
});

async function put(name: string, { certificate, privateKey }: Issued) {
  await writeFile(path(`${name}.crt`), certificate);
  await writeFile(path(`${name}.key`), privateKey);
}

/** Settings of a server that shows a certificate; with `mutual`, so do its callers. */
async function encrypted({ mutual = false } = {}) {
  await put('server', await authority.issue('server'));
  return {
    GREENROOM_GRPC_PORT: '0',
    GREENROOM_TLS_CERT_FILE: path('server.crt'),
    GREENROOM_TLS_KEY_FILE: path('server.key'),
    ...(mutual && { GREENROOM_TLS_CLIENT_CA_FILE: path('ca.crt') }),
  };
}

const trusting = () => ({ ca: authority.certificate });
const showing = ({ certificate, privateKey }: Issued) => ({
  ...trusting(),
  cert: certificate,
  key: privateKey,
});

function grpcClient(issued?: Issued) {
  return new GrpcTestClient({
    root: readProtocol('fixtures/protocol/open_inference_grpc.proto'),
    address: server.grpcAddress!,
    key: 'gr_all',
    tls: credentials.createSsl(
      Buffer.from(authority.certificate),
      issued && Buffer.from(issued.privateKey),
      issued && Buffer.from(issued.certificate),
    ),
  });
}

it('answers encrypted, over REST and gRPC, and nobody who speaks in the clear', async () => {
  server = await TestServer.create(linear(v1()));
  await server.start(await encrypted());
  expect(server.url).toMatch(/^https:/);
  await server.connectWith(trusting());
  expect((await server.infer('linear', row)).status).toBe(200);
  expect(server.controlPlane.reports[0].publicUrl).toBe(server.url);
  const client = grpcClient();
  expect(await client.call('ServerReady', {})).toEqual({ ready: true });
  client.close();
  await expect(
    request(`${server.url.replace('https', 'http')}/v2`),
  ).rejects.toThrow();
  // Probes and metrics are for the machine that runs it, and say when the certificate ends.
  expect(await server.metrics()).toMatch(
    /greenroom_certificate_expiry_timestamp_seconds\{of="server"\} \d{10}/,
  );
});

it('shows a renewed certificate without a restart, over both protocols', async () => {
  server = await TestServer.create(linear(v1()));
  await server.start(await encrypted());
  const next = await TestAuthority.create('Next');
  await put('server', await next.issue('server'));
  await waitFor(
    () => server.logs.some(line => line.includes('renewed')),
    30_000,
  );
  await server.connectWith({ ca: next.certificate });
  expect((await server.infer('linear', row)).status).toBe(200);
  const client = new GrpcTestClient({
    root: readProtocol('fixtures/protocol/open_inference_grpc.proto'),
    address: server.grpcAddress!,
    key: 'gr_all',
    tls: credentials.createSsl(Buffer.from(next.certificate)),
  });
  expect(await client.call('ServerReady', {})).toEqual({ ready: true });
  client.close();
});

it('answers only callers who show a certificate of the right authority, where that is asked', async () => {
  server = await TestServer.create(linear(v1()));
  await server.start(await encrypted({ mutual: true }));
  await server.connectWith(showing(caller));
  expect((await server.infer('linear', row)).status).toBe(200);
  // It takes the place of no key.
  expect((await server.infer('linear', row, { key: 'gr_no' })).status).toBe(
    401,
  );
  const known = grpcClient(caller);
  expect(await known.call('ServerReady', {})).toEqual({ ready: true });
  known.close();
  for (const issued of [undefined, await stranger.issue('stranger')]) {
    await server.connectWith(issued ? showing(issued) : trusting());
    await expect(server.infer('linear', row)).rejects.toThrow();
    const unknown = grpcClient(issued);
    await expect(unknown.call('ServerReady', {})).rejects.toThrow();
    unknown.close();
  }
});

it('shows the control plane its certificate, and takes one of another authority for nobody', async () => {
  const own = await authority.issue('control plane');
  await put('data-plane', await authority.issue('data plane'));
  const settings = {
    GREENROOM_CONTROL_PLANE_CA_FILE: path('ca.crt'),
    GREENROOM_CONTROL_PLANE_CERT_FILE: path('data-plane.crt'),
    GREENROOM_CONTROL_PLANE_KEY_FILE: path('data-plane.key'),
  };
  server = await TestServer.create(linear(v1()), {
    cert: own.certificate,
    key: own.privateKey,
    ca: authority.certificate,
  });
  await server.start(settings);
  expect((await server.infer('linear', row)).status).toBe(200);
  await waitFor(() => server.controlPlane.taken.length > 0);
  await server.stop();

  await writeFile(path('ca.crt'), stranger.certificate);
  const reports = server.controlPlane.reports.length;
  await server.start(settings);
  await waitFor(() => server.logs.some(line => line.includes('certificate')));
  expect(server.controlPlane.reports).toHaveLength(reports);
});

it.each([1, 2])(
  'stops encrypted under load without losing anybody, with %i processes',
  async processes => {
    server = await TestServer.create(linear(v1()));
    child = spawn(process.execPath, [join(PACKAGE, 'dist/main.cjs')], {
      env: {
        PATH: process.env.PATH ?? '',
        GREENROOM_CONTROL_PLANE_URL: server.controlPlane.url,
        GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
        GREENROOM_DATA_DIR: server.dataDirectory,
        GREENROOM_PORT: '0',
        GREENROOM_ADMIN_PORT: '0',
        GREENROOM_LAME_DUCK_SECONDS: '1',
        GREENROOM_PROCESSES: String(processes),
        ...(await encrypted()),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout!.on('data', chunk => {
      output += chunk;
    });
    const loaded = () => output.split('"message":"model loaded"').length - 1;
    await waitFor(() => loaded() === processes, 60_000);
    server.url = /"url":"([^"]+)"/.exec(output)![1];
    server.grpcAddress = /"grpcAddress":"([^"]+)"/.exec(output)![1];
    const client = grpcClient();
    expect(await client.call('ServerLive', {})).toEqual({ live: true });
    client.close();
    const connect = buildConnector(trusting());
    const neverOpen = new Set<unknown>();
    const agent = new Agent({
      connections: 16,
      connect: (options, callback) =>
        connect(options, (...[error, socket]) => {
          if (error) {
            neverOpen.add(error);
            callback(error, null);
          } else callback(null, socket);
        }),
    });
    const counts = { answered: 0, refused: 0 };
    const lost: unknown[] = [];
    let stopping = false;
    const ask = async () => {
      for (;;) {
        try {
          const { statusCode, body } = await request(
            `${server.url}/v2/models/linear/infer`,
            { method: 'POST', headers: HEADERS, body: BODY, dispatcher: agent },
          );
          await body.dump();
          if (statusCode === 200) counts.answered += 1;
          else lost.push(statusCode);
        } catch (error) {
          // Whom it does not let in any more goes elsewhere, and has lost nothing.
          if (stopping && errorCode(error) === 'ECONNREFUSED') {
            counts.refused += 1;
            return;
          }
          // Reset while it waited to be accepted: nothing was sent on it.
          if (stopping && neverOpen.has(error)) continue;
          lost.push(error);
        }
        if (lost.length > 10) return;
      }
    };
    const asking = Promise.all(Array.from({ length: 16 }, ask));
    await waitFor(() => counts.answered > 200);
    stopping = true;
    child.kill('SIGTERM');
    await once(child, 'exit');
    await asking;
    await agent.destroy();
    expect(lost).toEqual([]);
    expect(counts.refused).toBe(16);
  },
);

it('does not start with half a pair, nor with a key that is none, and says what to do', async () => {
  server = await TestServer.create();
  const end = async (environment: Record<string, string>) => {
    const started = spawn(process.execPath, [join(PACKAGE, 'dist/main.cjs')], {
      env: {
        PATH: process.env.PATH ?? '',
        GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [said, [code]] = await Promise.all([
      text(started.stderr!),
      once(started, 'exit'),
    ]);
    return { said, code };
  };
  const { GREENROOM_TLS_KEY_FILE, ...certificateAlone } = await encrypted();
  expect(await end(certificateAlone)).toEqual({
    code: 78,
    said: 'GREENROOM_TLS_CERT_FILE is set: expected GREENROOM_TLS_KEY_FILE beside it.\n',
  });
  await writeFile(GREENROOM_TLS_KEY_FILE, 'hello');
  expect(await end({ ...certificateAlone, GREENROOM_TLS_KEY_FILE })).toEqual({
    code: 78,
    said: expect.stringContaining(
      'the certificates of this server cannot be used: the private key is no private key in PEM',
    ),
  });
});
