import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixtureBytes, keyOf, routeOf, snapshotOf } from './testing/fixtures';
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

describe('a data plane that is stopped', () => {
  it('says so once, at once, and reports no more', async () => {
    await start();
    const { controlPlane } = server;
    await waitFor(() => controlPlane.reports.length > 0);
    await server.infer('linear', row);
    const stopped = server.stop();
    await waitFor(() => controlPlane.farewells.length > 0);
    const reports = controlPlane.reports.length;
    await stopped;
    expect(controlPlane.farewells).toEqual([controlPlane.reports[0].producer]);
    expect(controlPlane.reports).toHaveLength(reports);
  });

  it('says so before it waits for callers to go elsewhere', async () => {
    server = await TestServer.create(linear(v1()));
    await server.start({ GREENROOM_LAME_DUCK_SECONDS: '20' });
    const { controlPlane } = server;
    await server.infer('linear', row);
    const stopped = server.stop();
    await waitFor(() => controlPlane.farewells.length > 0);
    // It answers who still calls, by keys that are still followed.
    const { status } = await server.infer('linear', row);
    expect(status).toBe(200);
    await server.closeConnections();
    await stopped;
  });

  it('gives up what it fetches', async () => {
    server = await TestServer.create(linear(v1()));
    await server.start({ GREENROOM_DRAIN_SECONDS: '60' });
    server.controlPlane.holdsArtifacts = true;
    const before = server.controlPlane.artifactRequests;
    server.controlPlane.snapshot = linear(v2());
    await waitFor(() => server.controlPlane.artifactRequests > before);
    await server.infer('linear', row);
    const stopped = server.stop().then(() => 'stopped');
    const late = new Promise(resolve => {
      setTimeout(() => resolve('still fetching'), 8_000).unref();
    });
    expect(await Promise.race([stopped, late])).toBe('stopped');
    expect(server.controlPlane.countRecords()).toBe(1);
    server.controlPlane.answerHanging();
  });

  it('waits for no control plane that hangs', async () => {
    await start();
    server.controlPlane.hangs = true;
    const before = Date.now();
    await server.stop();
    expect(Date.now() - before).toBeLessThan(6_000);
    expect(
      server.logs.some(line => line.includes('did not hear of the stop')),
    ).toBe(true);
    server.controlPlane.answerHanging();
  });
});

describe('while the control plane is away', () => {
  it('goes on serving, and follows when it is back', async () => {
    await start();
    await server.controlPlane.stop();
    await waitFor(() =>
      server.logs.some(line => line.includes('the control plane is away')),
    );
    expect(await versionThatAnswers(server)).toBe('1');
    server.controlPlane.snapshot = linear(v2());
    await server.controlPlane.start();
    await waitFor(async () => (await versionThatAnswers(server)) === '2');
  });

  it.each([
    [503, 'the control plane is away', 'refuses the token'],
    [500, 'the control plane is away', 'refuses the token'],
    [401, 'refuses the token of this data plane', 'is away'],
  ])(
    'tells one that has no database (503) from one that refuses the token: %s',
    async (status, said, unsaid) => {
      await start();
      server.controlPlane.failsWith = status;
      const from = server.logs.length;
      await server.infer('linear', row);
      const logs = () => server.logs.slice(from).join('\n');
      await waitFor(
        () =>
          ['"keys"', '"routes"', '"report"'].every(what =>
            logs().includes(what),
          ) && logs().includes(`records wait: `),
      );
      expect(logs()).toContain(said);
      expect(logs()).not.toContain(unsaid);
      expect(await versionThatAnswers(server)).toBe('1');
      server.controlPlane.failsWith = undefined;
    },
  );

  it('starts from the last good snapshot', async () => {
    await start(linear(v1(50), v2(50)));
    await server.stop();
    await server.controlPlane.stop();
    await server.start();
    expect((await server.send('/v2/health/ready')).status).toBe(200);
    const answers = new Set<string | undefined>();
    for (let call = 0; call < 40; call++) {
      answers.add(await versionThatAnswers(server));
    }
    expect(answers).toEqual(new Set(['1', '2']));
    expect((await server.infer('linear', row, { key: 'gr_no' })).status).toBe(
      401,
    );
  });

  it('starts from what really served, when the newest snapshot was broken', async () => {
    await start();
    const { controlPlane } = server;
    controlPlane.artifacts.set(v2().digest, fixtureBytes('linear-1'));
    controlPlane.snapshot = snapshotOf(
      [routeOf('linear', [v2()])],
      [keyOf('gr_new', ['*'])],
    );
    await waitFor(
      () => controlPlane.latestReport?.models[0]?.state === 'failed',
    );
    const file = join(server.environmentDirectory, 'routes.json');
    await waitFor(async () => {
      const saved = JSON.parse(await readFile(file, 'utf8'));
      return saved.content.id === controlPlane.snapshot?.id;
    });
    for (const controlPlaneIsThere of [true, false]) {
      await server.stop();
      if (!controlPlaneIsThere) await controlPlane.stop();
      await server.start();
      expect((await server.infer('linear', row)).status).toBe(401);
      const { status, json } = await server.infer('linear', row, {
        key: 'gr_new',
      });
      expect([status, json.model_version]).toEqual([200, '1']);
    }
  });

  it('is not ready without any snapshot, and says so', async () => {
    server = await TestServer.create();
    await server.controlPlane.stop();
    await server.start();
    const ready = await server.send('/v2/health/ready');
    expect([ready.status, ready.json]).toEqual([503, { ready: false }]);
    expect((await server.send('/v2/health/live')).status).toBe(200);
    server.controlPlane.snapshot = linear(v1());
    await server.controlPlane.start();
    await waitFor(
      async () => (await server.send('/v2/health/ready')).status === 200,
    );
    expect(await versionThatAnswers(server)).toBe('1');
  });

  it('reports as soon as the control plane answers anything again', async () => {
    await start();
    const { controlPlane } = server;
    await controlPlane.stop();
    // Long enough for the pauses between reports to have grown.
    await new Promise(resolve => setTimeout(resolve, 2_000));
    const before = controlPlane.reports.length;
    await controlPlane.start();
    const startedAt = Date.now();
    await waitFor(() => controlPlane.reports.length > before);
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });

  it('does not trust a damaged disk', async () => {
    await start();
    await server.stop();
    const { environmentDirectory, controlPlane } = server;
    for (const name of ['routes.json', 'access.json']) {
      await writeFile(join(environmentDirectory, name), '{"id":');
    }
    const artifact = join(
      environmentDirectory,
      'artifacts',
      v1().digest.slice('sha256:'.length),
    );
    await writeFile(artifact, 'something else');
    const before = controlPlane.artifactRequests;
    await server.start();
    expect(controlPlane.artifactRequests).toBe(before + 1);
    expect(await versionThatAnswers(server)).toBe('1');
    expect(
      server.logs.filter(line => line.includes('what is on disk is of no use')),
    ).toHaveLength(2);
  });

  it('serves what is on disk at once, also when the control plane accepts and never answers', async () => {
    await start();
    await server.stop();
    server.controlPlane.hangs = true;
    const before = Date.now();
    await server.start();
    const { status, json } = await server.infer('linear', row);
    expect([status, json.model_version]).toEqual([200, '1']);
    expect(Date.now() - before).toBeLessThan(5_000);
    server.controlPlane.hangs = false;
  });

  it('refuses nobody before it knows the keys', async () => {
    server = await TestServer.create(linear(v1()));
    server.controlPlane.hangs = true;
    const started = server.start();
    await waitFor(() => server.logs.some(line => line.includes('"listening"')));
    const [, url] =
      /"url":"([^"]+)"/.exec(
        server.logs.find(line => line.includes('"listening"')) ?? '',
      ) ?? [];
    const early = await server.send('/v2/models/linear/ready', {
      key: 'gr_all',
      url,
    });
    expect([early.status, early.headers['retry-after'], early.json]).toEqual([
      503,
      '1',
      {
        error:
          'the server is starting and has no keys yet: try again in a moment',
      },
    ]);
    server.controlPlane.answerHanging();
    await started;
    expect(await versionThatAnswers(server)).toBe('1');
  });

  it.each([
    ['routes.json', '"salt":"linear-salt"', '"salt":"x"'],
    ['access.json', '"models":["*"]', '"models":["a"]'],
  ])('does not serve a %s that was changed by hand', async (name, from, to) => {
    await start();
    await server.stop();
    const file = join(server.environmentDirectory, name);
    const text = await readFile(file, 'utf8');
    expect(text).toContain(from);
    await writeFile(file, text.replace(from, to));
    await server.controlPlane.stop();
    await server.start();
    expect((await server.send('/v2/health/ready')).status).toBe(503);
    expect((await server.infer('linear', row)).status).toBe(503);
    expect(server.logs.find(line => line.includes('is of no use'))).toContain(
      'was changed after it was written',
    );
    await server.controlPlane.start();
    await waitFor(
      async () => (await server.infer('linear', row)).status === 200,
    );
  });

  it('reads what an earlier release saved, and replaces it', async () => {
    const snapshot = linear(v1());
    await start(snapshot);
    await server.stop();
    await server.controlPlane.stop();
    const { environmentDirectory } = server;
    for (const name of ['routes.json', 'access.json']) {
      await rm(join(environmentDirectory, name));
    }
    await writeFile(
      join(environmentDirectory, 'snapshot.json'),
      JSON.stringify(snapshot),
    );
    await server.start();
    expect(await versionThatAnswers(server)).toBe('1');
    await server.controlPlane.start();
    await waitFor(
      async () =>
        !(await readdir(environmentDirectory)).includes('snapshot.json'),
    );
    expect(await readdir(environmentDirectory)).toEqual(
      expect.arrayContaining(['access.json', 'routes.json']),
    );
    await server.stop();
    await server.controlPlane.stop();
    await server.start();
    expect(await versionThatAnswers(server)).toBe('1');
  });

  it('says that a copy of an artifact is damaged, not only that it cannot be fetched', async () => {
    await start();
    await server.stop();
    await server.controlPlane.stop();
    const { digest } = v1();
    await writeFile(
      join(
        server.environmentDirectory,
        'artifacts',
        digest.slice('sha256:'.length),
      ),
      'something else',
    );
    await server.start();
    const failure = server.logs.find(line => line.includes('model not loaded'));
    expect(failure).toMatch(/is damaged \(its digest is sha256:.*ECONNREFUSED/);
    await server.controlPlane.start();
    await waitFor(
      async () => (await server.infer('linear', row)).status === 200,
    );
  });

  it('serves also when it cannot write the snapshot', async () => {
    server = await TestServer.create(linear(v1()));
    // A folder where the file should be cannot be replaced by it.
    await mkdir(join(server.environmentDirectory, 'routes.json', 'x'), {
      recursive: true,
    });
    await server.start();
    expect((await server.send('/v2/health/ready')).status).toBe(200);
    expect(await versionThatAnswers(server)).toBe('1');
    expect(
      server.logs.some(line => line.includes('the routes were not saved')),
    ).toBe(true);
  });

  it('keeps no artifacts that nothing needs', async () => {
    await start();
    server.controlPlane.snapshot = linear(v2());
    const digests = async () =>
      (await readdir(join(server.environmentDirectory, 'artifacts'))).map(
        name => `sha256:${name}`,
      );
    await waitFor(async () => {
      const found = await digests();
      return found.length === 1 && found[0] === v2().digest;
    });
    expect(await versionThatAnswers(server)).toBe('2');
  });
});
