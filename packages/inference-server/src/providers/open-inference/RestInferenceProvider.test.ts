import { Agent } from 'undici';
import { createLogger } from '../../logger';
import { Secrets } from '../../secrets/Secrets';
import { Upstream } from '../../upstream/Upstream';
import { sendJson, StandIn } from '../testing/StandIn';
import { RestInferenceProvider } from './RestInferenceProvider';

const BINARY = { name: 's', version: '1', extensions: ['binary_tensor_data'] };
const PLAIN = { name: 's', version: '1', extensions: [] };
const never = new AbortController().signal;

let standIn: StandIn;
let dispatcher: Agent;
let provider: RestInferenceProvider;
/** What the server says of itself; undefined while it says nothing. */
let said: object | undefined;
let readyStatus: number;

beforeEach(async () => {
  said = BINARY;
  readyStatus = 200;
  standIn = new StandIn(({ path }, response) => {
    if (path.endsWith('/ready')) sendJson(response, readyStatus, {});
    else if (path !== '/v2') sendJson(response, 404, {});
    else if (said) sendJson(response, 200, said);
  });
  await standIn.start();
  dispatcher = new Agent();
  const times = { firstByteMillis: 9e3, idleMillis: 9e3, totalMillis: 9e3 };
  provider = new RestInferenceProvider(
    { baseUrl: standIn.url, protocol: 'rest' },
    {
      name: 'gpu',
      secrets: new Secrets({ directories: [], environment: {} }),
      upstream: new Upstream({ dispatcher, times }),
      logger: createLogger({ level: 'error', write: () => {} }),
      localModels: { directory: undefined, program: undefined },
    },
  );
});
afterEach(async () => {
  await dispatcher.destroy();
  await standIn.stop();
});

const questions = () => standIn.calls.filter(({ path }) => path === '/v2');
const look = () => provider.readiness({ name: 'm' }, never);

it('asks once what the server takes, however many ask', async () => {
  expect(provider.tensorForm).toBe('json');
  await Promise.all([provider.learn(), provider.learn()]);
  await provider.learn();
  expect(provider.tensorForm).toBe('binary');
  expect(questions()).toHaveLength(1);
});

it('learns anew with each check of the connection', async () => {
  await provider.learn();
  said = PLAIN;
  await provider.listModels(never);
  expect(provider.tensorForm).toBe('json');
});

it('learns anew when the server was away', async () => {
  await provider.learn();
  await look();
  expect(questions()).toHaveLength(1);
  readyStatus = 503;
  expect(await look()).toMatchObject({ state: 'not-ready' });
  said = PLAIN;
  readyStatus = 200;
  expect(await look()).toEqual({ state: 'ready' });
  expect(provider.tensorForm).toBe('json');
});

it('sends JSON to a server that does not say, until it does', async () => {
  said = undefined;
  await provider.learn();
  expect(provider.tensorForm).toBe('json');
  said = BINARY;
  await look();
  expect(provider.tensorForm).toBe('binary');
});
