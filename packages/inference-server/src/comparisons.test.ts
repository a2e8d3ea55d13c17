import type { RecordGroup } from '@greenroom/plugin-ai-inference-common';
import { unitOf } from './domain/unitOf';
import {
  createOpenAiStandIn,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import type { WholeSnapshot } from './snapshot/parseDocuments';
import { addExternalModel } from './testing/externalModel';
import { routeOf, snapshotOf } from './testing/fixtures';
import { KEYS, row, v1, v2, versionThatAnswers } from './testing/linear';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;

afterEach(() => server.close());

function compared(id: string, shareOf2: number): WholeSnapshot {
  return snapshotOf(
    [
      routeOf('linear', [v1(100 - shareOf2), v2(shareOf2)], {
        comparison: { id, control: 1 },
      }),
    ],
    KEYS,
  );
}

/** Each record: version, comparison and unit. */
function records(): [number, string | undefined, number | undefined][] {
  return server.controlPlane.taken
    .flatMap(({ groups }) => groups)
    .flatMap(({ version, comparison, units, at }: RecordGroup) =>
      at.map((_, i): [number, string | undefined, number | undefined] => [
        version,
        comparison,
        units?.[i],
      ]),
    );
}

async function publish(snapshot: WholeSnapshot): Promise<void> {
  const { controlPlane } = server;
  controlPlane.snapshot = snapshot;
  await waitFor(() => controlPlane.latestReport?.snapshotId === snapshot.id);
}

describe('a comparison', () => {
  it('is named by the records of its requests, each with its unit', async () => {
    server = await TestServer.create(compared('r.1', 50));
    await server.start();
    const ann = Number(await versionThatAnswers(server, 'ann'));
    await versionThatAnswers(server);
    await server.infer('linear', row, { version: 2 });
    await server.infer('linear', row, {
      headers: { 'x-assignment-id': 'ann', 'x-greenroom-uncounted': '1' },
    });
    await waitFor(() => records().length === 4);
    expect(records()).toContainEqual([ann, 'r.1', unitOf('r.1', 'ann')]);
    expect(records()).toContainEqual([ann, 'r.1', -1]);
    expect(records()).toContainEqual([2, 'r.1', -1]);
    expect(records().filter(([, , unit]) => unit === 0)).toHaveLength(1);
  });

  it('ends where its route says another one, also within a batch of records', async () => {
    server = await TestServer.create(compared('r.1', 50));
    await server.start({ GREENROOM_RECORDS_INTERVAL_MILLIS: '60000' });
    const { controlPlane } = server;
    await versionThatAnswers(server, 'ann');
    await publish(compared('r.2', 50));
    await versionThatAnswers(server, 'ann');
    await publish(snapshotOf([routeOf('linear', [v1()])], KEYS));
    await versionThatAnswers(server, 'ann');
    await server.stop();
    await waitFor(() => records().length === 3);
    expect(controlPlane.taken.filter(each => each.groups.length)).toHaveLength(
      1,
    );
    expect(records().map(([, id, unit]) => [id, unit])).toEqual(
      expect.arrayContaining([
        ['r.1', unitOf('r.1', 'ann')],
        ['r.2', unitOf('r.2', 'ann')],
        [undefined, undefined],
      ]),
    );
  });

  it('goes on from disk, without the control plane, with the same units', async () => {
    server = await TestServer.create(compared('r.1', 50));
    await server.start();
    const before = await versionThatAnswers(server, 'ann');
    await server.stop();
    await server.controlPlane.stop();
    await server.start();
    expect(await versionThatAnswers(server, 'ann')).toBe(before);
    await server.stop();
    await server.controlPlane.start();
    await server.start();
    await waitFor(() => records().length === 2);
    expect(new Set(records().map(([, , unit]) => unit))).toEqual(
      new Set([unitOf('r.1', 'ann')]),
    );
  });
});

describe('a version named by a header', () => {
  it('answers, whatever the shares are, and does not count', async () => {
    server = await TestServer.create(compared('r.1', 0));
    await server.start();
    const named = (version: string, path?: number) =>
      server.infer('linear', row, {
        headers: { 'x-model-version': version, 'x-assignment-id': 'ann' },
        version: path,
      });
    expect((await named('2')).json.model_version).toBe('2');
    // What the path says is meant for this request alone.
    expect((await named('2', 1)).json.model_version).toBe('1');
    const unknown = await named('7');
    expect([unknown.status, unknown.json.error]).toEqual([
      404,
      'unknown version "7" of model "linear": deployed here: 1, 2',
    ]);
    const batch = await server.send('/ai/batch', {
      method: 'POST',
      key: 'gr_all',
      headers: { 'x-model-version': '2' },
      body: JSON.stringify({
        calls: [{ path: '/v2/models/linear/infer', body: row }],
      }),
    });
    expect(batch.json.results[0].body.model_version).toBe('2');
    await waitFor(() => records().length === 4);
    const answered = records().filter(([version]) => version > 0);
    expect(answered.map(([, , unit]) => unit)).toEqual([-1, -1, -1]);
  });

  it('answers for language models too, and for them alone', async () => {
    process.env.STAND_IN_KEY = STAND_IN_KEY;
    const standIn = createOpenAiStandIn();
    await standIn.start();
    try {
      server = await TestServer.create();
      const versions = [1, 2].map(version =>
        addExternalModel(server.controlPlane, {
          descriptor: { parameters: { temperature: version / 10 } },
          connection: {
            name: 'llm',
            kind: 'openai',
            settings: {
              baseUrl: `${standIn.url}/v1`,
              secret: 'env:STAND_IN_KEY',
            },
          },
          variant: { version, weightPercent: version === 1 ? 100 : 0 },
        }),
      );
      server.controlPlane.snapshot = snapshotOf(
        [
          routeOf('bot', versions, {
            comparison: { id: 'r.1', control: 1 },
          }),
        ],
        KEYS,
      );
      await server.start();
      const ask = (path: string, model: string, version?: string) =>
        server.send(path, {
          method: 'POST',
          key: 'gr_all',
          headers: version ? { 'x-model-version': version } : {},
          body: JSON.stringify({
            model,
            messages: [{ role: 'user', content: 'Hello' }],
          }),
        });
      for (const path of ['/v1/chat/completions', '/ai/chat']) {
        const answers = [
          await ask(path, 'bot'),
          await ask(path, 'bot', '2'),
          await ask(path, 'bot@1', '2'),
        ];
        expect(
          answers.map(({ headers }) => headers['x-greenroom-version']),
        ).toEqual(['1', '2', '1']);
      }
      await waitFor(() => records().length === 6);
      expect(
        records()
          .map(([, , unit]) => unit)
          .sort(),
      ).toEqual([-1, -1, -1, -1, 0, 0]);
    } finally {
      await standIn.stop();
      delete process.env.STAND_IN_KEY;
    }
  });
});
