import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  createOpenAiStandIn,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(120_000);

const SCRIPT = join(
  dirname(require.resolve('../package.json')),
  'fixtures/clients.py',
);

it('answers the official Python client unmodified', async () => {
  // `npm test` makes it, and leaves this test out where it cannot.
  const python = process.env.GREENROOM_TEST_PYTHON;
  if (!python) throw new Error('run this test by npm test -- jest');
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  const standIn = createOpenAiStandIn();
  await standIn.start();
  const server = await TestServer.create();
  const variant = addExternalModel(server.controlPlane, {
    connection: {
      name: 'llm',
      kind: 'openai',
      settings: { baseUrl: `${standIn.url}/v1`, secret: 'env:STAND_IN_KEY' },
    },
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('bot', [variant])],
    [keyOf('gr_all', ['*'])],
  );
  await server.start();
  await waitFor(
    async () =>
      (await server.send('/v1/models', { key: 'gr_all' })).json.data.length > 0,
  );
  const { stdout } = await promisify(execFile)(
    python,
    [SCRIPT, `${server.url}/v1`, 'gr_all'],
    { timeout: 100_000 },
  );
  const said = ['You said: Grüezi 👋', 5];
  expect(JSON.parse(stdout)).toEqual({
    whole: said,
    streamed: said,
    tools: ['weather', { city: 'Zürich' }],
    parsed: 42,
    embedded: [
      [1, 0.5, -1],
      [3, 0.5, -1],
    ],
    response: said,
    listed: ['bot'],
    refused: ['NotFoundError', 'AuthenticationError'],
    together: 1,
  });
  await server.close();
  await standIn.stop();
  delete process.env.STAND_IN_KEY;
});
