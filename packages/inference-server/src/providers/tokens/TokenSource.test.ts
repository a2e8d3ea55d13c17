import { Agent } from 'undici';
import { Upstream } from '../../upstream/Upstream';
import { sendJson, StandIn } from '../testing/StandIn';
import { TokenSource } from './TokenSource';

describe('TokenSource', () => {
  let standIn: StandIn;
  let nowMillis: number;
  let source: TokenSource;

  beforeEach(async () => {
    let count = 0;
    standIn = new StandIn((_call, response) =>
      sendJson(response, 200, {
        access_token: `token-${++count}`,
        expires_in: 3_600,
      }),
    );
    await standIn.start();
    nowMillis = 0;
    source = new TokenSource({
      upstream: new Upstream({
        dispatcher: new Agent(),
        times: {
          firstByteMillis: 1_000,
          idleMillis: 1_000,
          totalMillis: 1_000,
        },
      }),
      request: async () => ({
        method: 'POST',
        url: new URL(standIn.url),
        headers: {},
        body: 'grant',
      }),
      nowMillis: () => nowMillis,
    });
  });
  afterEach(() => standIn.stop());

  it('fetches one for all who wait, and keeps it while it lasts', async () => {
    const tokens = await Promise.all([source.get(), source.get()]);
    expect(tokens).toEqual(['token-1', 'token-1']);
    nowMillis = 54 * 60_000;
    expect(await source.get()).toBe('token-1');
    // In its last minutes it may be over by the service's clock.
    nowMillis = 56 * 60_000;
    expect(await source.get()).toBe('token-2');
    expect(standIn.calls).toHaveLength(2);
  });

  it('fetches another one when it is not taken any more, but not at once again', async () => {
    await source.get();
    expect(source.renew()).toBe(false);
    nowMillis = 11_000;
    expect(source.renew()).toBe(true);
    expect(await source.get()).toBe('token-2');
  });

  it.each<[string, number, object | string, object]>([
    [
      'a refusal',
      400,
      { error: 'invalid_grant', error_description: 'Bad key.' },
      { status: 401, message: 'no access token was given: Bad key.' },
    ],
    ['nonsense', 200, '<html>', { status: 401 }],
    ['a server in trouble', 503, {}, { status: 503 }],
    ['no life', 200, { access_token: 'x', expires_in: 0 }, { status: 401 }],
  ])('says what happened: %s', async (_what, status, body, expected) => {
    standIn.script = (_call, response) => sendJson(response, status, body);
    await expect(source.get()).rejects.toMatchObject(expected);
    standIn.script = (_call, response) =>
      sendJson(response, 200, { access_token: 'later', expires_in: 60 });
    expect(await source.get()).toBe('later');
  });
});
