import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MILLIS = 20_000;

/** A real S3 server with one empty bucket, on loopback. */
export interface S3Server {
  endpoint: string;
  region: string;
  bucket: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** The folder that the bucket is. */
  bucketFolder: string;
  stop(): Promise<void>;
}

/** Starts the S3 server whose program `npm test` has built. */
export async function startS3Server(): Promise<S3Server> {
  const program = process.env.GREENROOM_TEST_S3_SERVER;
  if (!program) {
    throw new Error(
      'GREENROOM_TEST_S3_SERVER does not name the S3 server: run this test with `npm test -- jest -- S3`, which builds it',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 's3-'));
  const bucketFolder = join(folder, 'data', 'artifacts');
  await mkdir(bucketFolder, { recursive: true });
  await mkdir(join(folder, 'attributes'));
  const port = await findFreePort();
  const credentials = { accessKeyId: 'key', secretAccessKey: 'right-secret' };
  const server = spawn(
    program,
    [
      ...['--port', `127.0.0.1:${port}`, '--health', '/health', '--quiet'],
      ...['posix', '--sidecar', join(folder, 'attributes')],
      join(folder, 'data'),
    ],
    {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        ROOT_ACCESS_KEY: credentials.accessKeyId,
        ROOT_SECRET_KEY: credentials.secretAccessKey,
      },
    },
  );
  const exited = once(server, 'exit');
  const endpoint = `http://127.0.0.1:${port}`;
  await untilHealthy(endpoint, () => server.exitCode !== null);
  return {
    endpoint,
    region: 'us-east-1',
    bucket: 'artifacts',
    credentials,
    bucketFolder,
    stop: async () => {
      server.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilHealthy(
  endpoint: string,
  hasEnded: () => boolean,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MILLIS;
  while (Date.now() < deadline && !hasEnded()) {
    const answer = await fetch(`${endpoint}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`The S3 server at ${endpoint} did not start`);
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
