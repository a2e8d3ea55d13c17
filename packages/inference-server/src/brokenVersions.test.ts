import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fixtureBytes, SIGNATURES, variantOf } from './testing/fixtures';
import { linear, row, v1, v2, versionThatAnswers } from './testing/linear';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;

async function start(snapshot = linear(v1())): Promise<void> {
  server = await TestServer.create(snapshot);
  await server.start();
}

afterEach(() => server.close());

describe('a broken version', () => {
  it('with other bytes than its digest is refused, and the old one goes on', async () => {
    await start();
    const { controlPlane } = server;
    controlPlane.artifacts.set(v2().digest, fixtureBytes('linear-1'));
    controlPlane.snapshot = linear(v2());
    await waitFor(
      () => controlPlane.latestReport?.models[0]?.state === 'failed',
    );
    expect(controlPlane.latestReport?.models).toEqual([
      {
        model: 'linear',
        version: 2,
        digest: v2().digest,
        state: 'failed',
        error: `the artifact's digest is ${v1().digest}, expected ${
          v2().digest
        }`,
      },
    ]);
    expect(await versionThatAnswers(server)).toBe('1');
    const asked = await server.infer('linear', row, { version: 2 });
    expect([asked.status, asked.json]).toEqual([
      503,
      {
        error: `model "linear": version 2 could not be loaded: the artifact's digest is ${
          v1().digest
        }, expected ${v2().digest}`,
      },
    ]);
    const files = await readdir(join(server.environmentDirectory, 'artifacts'));
    expect(files).toEqual([v1().digest.slice('sha256:'.length)]);
    const metrics = await server.metrics();
    expect(metrics).toContain('\ngreenroom_models_failed 1\n');
  });

  it('of a kind that this data plane does not know is named, and holds up no other', async () => {
    const { digest } = v2();
    const newer = {
      kind: 'unknown' as const,
      name: 'unknown',
      version: 2,
      weightPercent: 50,
      digest,
    };
    await start(linear({ ...v1(), weightPercent: 50 }, newer));
    const { controlPlane } = server;
    await waitFor(
      () => controlPlane.latestReport?.models[1]?.state === 'failed',
    );
    expect(
      controlPlane.latestReport?.models.map(({ version, state, error }) => [
        version,
        state,
        error,
      ]),
    ).toEqual([
      [1, 'ready', undefined],
      [
        2,
        'failed',
        "versions of the kind 'unknown' are not served by this data plane: update it",
      ],
    ]);
    expect(await versionThatAnswers(server)).toBe('1');
  });

  it('as the first one is named, and makes its model not ready', async () => {
    const digest = `sha256:${createHash('sha256')
      .update('no model')
      .digest('hex')}`;
    server = await TestServer.create(
      linear(variantOf('linear-1', { digest, sizeBytes: 8 })),
    );
    server.controlPlane.addArtifact(Buffer.from('no model'));
    await server.start();
    await waitFor(
      () => server.controlPlane.latestReport?.models[0]?.state === 'failed',
    );
    const reason =
      /^model "linear" is not ready: version 1 could not be loaded: the model cannot be loaded/;
    const asked = await server.infer('linear', row);
    expect(asked.status).toBe(503);
    expect(asked.json.error).toMatch(reason);
    expect(asked.headers['retry-after']).toBe('1');
    const about = await server.send('/v2/models/linear', { key: 'gr_all' });
    expect([about.status, about.json.error]).toEqual([
      503,
      expect.stringMatching(reason),
    ]);
    const model = await server.send('/v2/models/linear/ready', {
      key: 'gr_all',
    });
    expect([model.status, model.json.ready]).toEqual([503, false]);
    const all = await server.send('/v2/health/ready');
    expect(all.status).toBe(200);
    expect(await server.metrics()).toContain('\ngreenroom_models_failed 1\n');
  });

  it('makes the server not ready where that is wanted', async () => {
    server = await TestServer.create(linear(v1()));
    await server.start({ GREENROOM_STRICT_READINESS: 'true' });
    const isReady = async () =>
      (await server.send('/v2/health/ready')).status === 200;
    expect(await isReady()).toBe(true);
    const { controlPlane } = server;
    controlPlane.artifacts.set(v2().digest, fixtureBytes('linear-1'));
    controlPlane.snapshot = linear(v2());
    await waitFor(async () => !(await isReady()));
    expect(await versionThatAnswers(server)).toBe('1');
    controlPlane.snapshot = linear(v1());
    await waitFor(isReady);
  });

  it.each([
    [
      'that is no model',
      () => Buffer.from('no model'),
      SIGNATURES['linear-2'],
      'the model cannot be loaded',
    ],
    [
      'whose file is not what its signature says',
      () => fixtureBytes('simple'),
      SIGNATURES['linear-2'],
      'the file has no input tensor "x", which its signature names',
    ],
    [
      'whose shape is not what its signature says',
      () => fixtureBytes('classifier'),
      SIGNATURES['linear-2'],
      'input "x" is float32 [-1,4] in the file, but its signature says FP32 [-1,3]',
    ],
  ])('%s is reported', async (_what, bytes, signature, message) => {
    await start();
    const { controlPlane } = server;
    const digest = controlPlane.addArtifact(bytes());
    const sizeBytes = bytes().length;
    controlPlane.snapshot = linear(
      v1(90),
      variantOf('linear-2', {
        version: 2,
        weightPercent: 10,
        digest,
        sizeBytes,
        signature,
      }),
    );
    await waitFor(
      () => controlPlane.latestReport?.models[1]?.state === 'failed',
    );
    expect(controlPlane.latestReport?.models[1].error).toContain(message);
    for (let call = 0; call < 20; call++) {
      expect(await versionThatAnswers(server)).toBe('1');
    }
  });

  it('that is longer than it should be is not kept', async () => {
    await start();
    const { controlPlane } = server;
    controlPlane.snapshot = linear({ ...v2(), sizeBytes: 10 });
    await waitFor(
      () => controlPlane.latestReport?.models[0]?.state === 'failed',
    );
    expect(controlPlane.latestReport?.models[0].error).toBe(
      'the artifact is longer than the 10 bytes that the snapshot says',
    );
    expect(await versionThatAnswers(server)).toBe('1');
  });

  it('is tried again when its artifact could not be fetched', async () => {
    await start();
    const { controlPlane } = server;
    const bytes = fixtureBytes('linear-2');
    controlPlane.artifacts.delete(v2().digest);
    controlPlane.snapshot = linear(v2());
    const latest = () => controlPlane.latestReport?.models[0];
    await waitFor(() => latest()?.error !== undefined);
    expect(latest()).toMatchObject({
      version: 2,
      state: 'loading',
      error: expect.stringContaining('answered 404 when asked for an artifact'),
    });
    controlPlane.artifacts.set(v2().digest, bytes);
    await waitFor(async () => (await versionThatAnswers(server)) === '2');
    expect(server.controlPlane.artifactRequests).toBe(3);
  });
});
