import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { STAND_IN_KEY } from './providers/testing/openAiStandIn';
import { StandIn } from './providers/testing/StandIn';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

/** What happened once between somebody's program and a provider. */
interface RecordedExchange {
  request: { body: string; url: string };
  response: { body: string; code: number; headers: Record<string, string[]> };
}

const FOLDER = join(
  dirname(require.resolve('../package.json')),
  'fixtures/exchanges',
);
const NAMES = readdirSync(FOLDER)
  .filter(name => name.endsWith('.yaml'))
  .map(name => name.replace(/\.yaml$/, ''));

function read(name: string): RecordedExchange {
  const text = readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');
  return parse(text).interactions[0];
}

/** Models that the provider does not know are the platform's mistake, not the caller's. */
const STATUS_HERE: Record<number, number> = { 404: 502 };

/** What is said in a body: the reason of an error, chunks, or a whole answer. */
function answersIn(body: string, code: number, showsUsage = true): unknown {
  // Ours says which connection it was, before the provider's reason.
  if (code !== 200) {
    const { message } = JSON.parse(body).error;
    return message.replace(/^the connection .*?: .*?: /, '');
  }
  if (!body.startsWith('data: ')) return JSON.parse(body);
  const chunks = body
    .split('\n')
    .filter(line => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map(line => JSON.parse(line.slice('data: '.length)));
  // It is always asked for here, and passed on to whom asked.
  return showsUsage ? chunks : chunks.map(({ usage, ...chunk }) => chunk);
}

let server: TestServer;
let standIn: StandIn;
let exchange: RecordedExchange;

beforeAll(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIn = new StandIn((_call, response) => {
    const { code, headers, body } = exchange.response;
    const [type = 'application/json'] = headers['Content-Type'] ?? [];
    response.writeHead(code, { 'content-type': type }).end(body);
  });
  await standIn.start();
  server = await TestServer.create();
  await server.start();
});
afterAll(async () => {
  delete process.env.STAND_IN_KEY;
  await server.close();
  await standIn.stop();
});

/** Serves the recorded model under the name of the recording. */
async function serve(name: string, model: string): Promise<void> {
  const isAzure = name.startsWith('azure');
  const auth = { kind: 'key', secret: 'env:STAND_IN_KEY' };
  const variant = addExternalModel(server.controlPlane, {
    descriptor: { model },
    connection: isAzure
      ? {
          name: 'llm',
          kind: 'azure-openai',
          settings: {
            api: 'classic',
            endpoint: standIn.url,
            apiVersion: '2024-10-21',
            auth,
          },
        }
      : {
          name: 'llm',
          kind: 'openai',
          settings: { baseUrl: `${standIn.url}/v1`, secret: auth.secret },
        },
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf(name, [variant])],
    [keyOf('gr_all', ['*'])],
  );
  await waitFor(
    async () =>
      (
        await server.send('/v1/models', { key: 'gr_all' })
      ).json?.data?.[0]?.id === name,
  );
}

it.each(NAMES)('%s', async name => {
  exchange = read(name);
  const asked = JSON.parse(exchange.request.body);
  const recorded = new URL(exchange.request.url);
  await serve(name, asked.model);
  const path = recorded.pathname.replace(
    /^\/openai\/deployments\/[^/]+/,
    '/v1',
  );
  const before = standIn.calls.length;
  const answer = await server.send(path, {
    method: 'POST',
    key: 'gr_all',
    body: JSON.stringify({ ...asked, model: name }),
  });

  // The provider is sent what it was sent then, and asked for the usage of what streams.
  const call = standIn.calls[before];
  expect(new URL(call.path, standIn.url).pathname).toBe(recorded.pathname);
  const { stream_options: options, ...sent } = call.json;
  const { stream_options: askedOptions, ...wanted } = asked;
  expect(sent).toEqual(wanted);
  expect(options).toEqual(
    asked.stream ? { ...askedOptions, include_usage: true } : askedOptions,
  );

  // And the caller gets what it answered.
  const { code, body } = exchange.response;
  expect(answer.status).toBe(STATUS_HERE[code] ?? code);
  expect(answersIn(String(answer.body), code)).toEqual(
    answersIn(body, code, askedOptions?.include_usage === true),
  );
});
