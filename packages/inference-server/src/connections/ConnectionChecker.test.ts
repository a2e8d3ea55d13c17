import type { ConnectionToCheck } from '@greenroom/plugin-ai-inference-common';
import { Agent } from 'undici';
import { PROVIDER_KINDS } from '../providers';
import {
  createOpenAiStandIn,
  STAND_IN_KEY,
} from '../providers/testing/openAiStandIn';
import type { StandIn } from '../providers/testing/StandIn';
import { createLogger } from '../logger';
import { Secrets } from '../secrets/Secrets';
import { waitFor } from '../testing/waitFor';
import { Upstream } from '../upstream/Upstream';
import { ConnectionChecker } from './ConnectionChecker';
import { Connections } from './Connections';

let standIn: StandIn;
let dispatcher: Agent;
let checker: ConnectionChecker;
let news: number;

beforeEach(async () => {
  standIn = createOpenAiStandIn();
  await standIn.start();
  dispatcher = new Agent();
  news = 0;
});
afterEach(async () => {
  await checker.close();
  await dispatcher.destroy();
  await standIn.stop();
});

function check(
  options: { timeoutMillis?: number; intervalMillis?: number } = {},
) {
  const logger = createLogger({ level: 'error', write: () => {} });
  checker = new ConnectionChecker({
    connections: new Connections({
      kinds: PROVIDER_KINDS,
      secrets: new Secrets({
        directories: ['/nowhere'],
        environment: {
          RIGHT: STAND_IN_KEY,
          WRONG: 'sk-not-the-right-one',
          TWO_LINES: 'sk-not-the\nright-one',
        },
      }),
      upstream: new Upstream({
        dispatcher,
        times: {
          firstByteMillis: 5_000,
          idleMillis: 5_000,
          totalMillis: 5_000,
        },
      }),
      logger,
      localModels: { directory: '/nowhere', program: '/nowhere' },
    }),
    onNews: () => {
      news++;
    },
    ...options,
  });
}

const connectionTo = (changes: Partial<ConnectionToCheck> = {}) => ({
  name: 'llm',
  kind: 'openai',
  settings: { baseUrl: `${standIn.url}/v1`, secret: 'env:RIGHT' },
  ...changes,
});
const settled = (count = 1) => waitFor(async () => news >= count);
const questions = () =>
  standIn.calls.filter(({ path }) => path.endsWith('/models')).length;

describe('ConnectionChecker', () => {
  it('tells the models of a provider that answers', async () => {
    check();
    checker.want([connectionTo()]);
    expect(checker.report()).toEqual([]);
    await settled();
    expect(checker.report()).toEqual([
      {
        name: 'llm',
        state: 'answers',
        checkAttempt: 0,
        checkedAt: expect.stringMatching(/^\d{4}-/),
        models: ['small', 'large'],
      },
    ]);
  });

  it.each<[string, Partial<ConnectionToCheck>, string]>([
    [
      'refuses the secret',
      { settings: { baseUrl: 'URL', secret: 'env:WRONG' } },
      'the provider does not take its secret (401)',
    ],
    [
      'lacks the secret',
      { settings: { baseUrl: 'URL', secret: 'env:ABSENT' } },
      'the environment variable ABSENT of the data plane is not set',
    ],
    [
      'is not there',
      { settings: { baseUrl: 'http://127.0.0.1:9/v1', secret: 'env:RIGHT' } },
      'it cannot be reached: ',
    ],
    ['has wrong settings', { settings: {} }, 'secret: '],
    ['is of an unknown kind', { kind: 'oracle' }, 'of the kind "oracle"'],
  ])('says why where it %s', async (_what, changes, reason) => {
    check();
    const wanted = connectionTo(changes);
    const { baseUrl } = wanted.settings as { baseUrl?: string };
    if (baseUrl === 'URL') {
      wanted.settings = { ...wanted.settings, baseUrl: `${standIn.url}/v1` };
    }
    checker.want([wanted]);
    await settled();
    const [told] = checker.report();
    expect(told).toMatchObject({
      state: 'fails',
      error: expect.stringContaining(reason),
    });
    expect(JSON.stringify(told)).not.toContain('sk-not');
  });

  it('asks again when it is asked to, when time has passed, and not for the same document', async () => {
    check({ intervalMillis: 300 });
    checker.want([connectionTo()]);
    await settled();
    checker.want([connectionTo()]);
    expect(questions()).toBe(1);
    checker.want([connectionTo({ checkAttempt: 1 })]);
    // What was known stays known meanwhile.
    expect(checker.report()).toMatchObject([{ state: 'answers' }]);
    await settled(2);
    expect(checker.report()).toMatchObject([{ checkAttempt: 1 }]);
    await settled(3);
    expect(questions()).toBe(3);
  });

  it('forgets a connection that is gone, and what is known of one with other settings', async () => {
    check();
    checker.want([connectionTo()]);
    await settled();
    checker.want([
      connectionTo({
        settings: { baseUrl: `${standIn.url}/other`, secret: 'env:RIGHT' },
      }),
    ]);
    expect(checker.report()).toEqual([]);
    checker.want([]);
    await checker.close();
    expect(checker.report()).toEqual([]);
  });

  it('follows no provider elsewhere with the secret', async () => {
    const elsewhere = createOpenAiStandIn();
    await elsewhere.start();
    check();
    standIn.script = (_call, response) => {
      response.writeHead(307, { location: `${elsewhere.url}/v1/models` });
      response.end();
    };
    checker.want([connectionTo()]);
    await settled();
    expect(checker.report()).toMatchObject([
      {
        state: 'fails',
        error: expect.stringContaining(
          'it sends callers elsewhere (a redirect), which is not followed',
        ),
      },
    ]);
    expect(elsewhere.calls).toHaveLength(0);
    await elsewhere.stop();
  });

  it('reads no list of models that does not end', async () => {
    check({ timeoutMillis: 10_000 });
    let written = 0;
    standIn.script = (_call, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"object":"list","data":[');
      const block = `${'{"id":"small","object":"model"},'.repeat(2_000)}`;
      const write = () => {
        while (!response.destroyed && written < 256 * 1024 * 1024) {
          written += block.length;
          if (!response.write(block)) {
            response.once('drain', write);
            return;
          }
        }
        response.end();
      };
      write();
    };
    checker.want([connectionTo()]);
    await settled();
    expect(checker.report()).toMatchObject([
      {
        state: 'fails',
        error: expect.stringContaining('longer than 4194304 bytes'),
      },
    ]);
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  it('says that a secret has a line break, and not what it is', async () => {
    check();
    checker.want([
      connectionTo({
        settings: { baseUrl: `${standIn.url}/v1`, secret: 'env:TWO_LINES' },
      }),
    ]);
    await settled();
    expect(checker.report()).toMatchObject([
      {
        error:
          'the secret env:TWO_LINES has a line break within: expected one line; fill it again',
      },
    ]);
  });

  it('gives up on a provider that accepts and does not answer', async () => {
    check({ timeoutMillis: 200 });
    standIn.script = () => {};
    checker.want([connectionTo()]);
    await settled();
    expect(checker.report()).toMatchObject([
      { state: 'fails', error: 'it did not answer within 0.2 s' },
    ]);
  });
});
