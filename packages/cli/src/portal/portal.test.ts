import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '../__testUtils__/run';

/** A portal that says what a test wants, and GitHub's issuer of tokens beside it. */
let server: Server;
let url: string;
const asked: { method: string; path: string; token?: string }[] = [];
let answers: ((res: ServerResponse) => void)[];
let tokens: string[];

const json = (status: number, body: unknown) => (res: ServerResponse) =>
  res
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify(body));
const refusal = (status: number, name: string, message: string) =>
  json(status, { error: { name, message }, response: { statusCode: status } });

/** A token that ends in so many seconds. */
const tokenOf = (name: string, seconds: number) => {
  const exp = Math.floor(Date.now() / 1_000) + seconds;
  const payload = Buffer.from(JSON.stringify({ exp, name })).toString(
    'base64url',
  );
  return `header.${payload}.signature`;
};
const nameOf = (token = '') =>
  token.includes('.')
    ? JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).name
    : token;

beforeEach(async () => {
  asked.length = 0;
  answers = [];
  tokens = [];
  server = createServer((req, res) => {
    const { method = '', url: path = '', headers } = req;
    const token = nameOf(headers.authorization?.replace('Bearer ', ''));
    asked.push({ method, path, token });
    req.resume();
    if (path.startsWith('/token')) {
      const value = tokens.shift();
      json(value ? 200 : 500, { value })(res);
    } else {
      (answers.shift() ?? json(200, { items: [], problems: [] }))(res);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

const withToken = (more: Record<string, string> = {}) => ({
  environment: { GREENROOM_URL: `${url}/`, GREENROOM_TOKEN: 'mine', ...more },
});
const inWorkflow = () => ({
  environment: {
    GREENROOM_URL: url,
    GREENROOM_AUDIENCE: 'the portal',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-run',
  },
});
const wait = ['wait', 'p1', '--until', 'checked', '--timeout', '1s'];
const promotion = (phase: string) =>
  json(200, {
    id: 'p1',
    state: { phase },
    gates: [],
    steps: [],
    changeRequest: { url: '/ai-registry/promotions/p1' },
  });

describe('the portal', () => {
  it('is asked with the token of the environment', async () => {
    answers = [promotion('awaiting-review')];
    const { code, printed } = await run(wait, withToken());
    expect(code).toBe(0);
    expect(asked).toEqual([
      { method: 'GET', path: '/api/ai-registry/promotions/p1', token: 'mine' },
    ]);
    expect(printed).toContain(`${url}/ai-registry/promotions/p1`);
    expect(printed).not.toContain('mine');
  });

  it('goes on with the promotion that is open for the version', async () => {
    const open = {
      id: 'p1',
      kind: 'promotion',
      model: 'digits',
      version: 2,
      environment: 'production',
    };
    answers = [json(200, { items: [{ ...open, id: 'p0', version: 1 }, open] })];
    const { code, printed } = await run(
      [
        'promote',
        'digits',
        '2',
        '--environment',
        'production',
        '--reason',
        'x',
      ],
      withToken(),
    );
    expect(code).toBe(0);
    expect(asked).toMatchObject([{ method: 'GET' }]);
    expect(printed).toContain(
      'digits version 2 to production is on its way already, by the promotion p1',
    );
  });

  it('is asked with a token of the run, which is asked for anew when it ends or is refused', async () => {
    tokens = [
      tokenOf('ends soon', 30),
      tokenOf('first', 600),
      tokenOf('second', 600),
    ];
    answers = [
      promotion('checking'),
      promotion('checking'),
      refusal(401, 'AuthenticationError', 'Illegal token'),
      promotion('awaiting-review'),
    ];
    expect((await run(wait, inWorkflow())).code).toBe(0);
    expect(asked.map(({ path, token }) => [path.split('?')[0], token])).toEqual(
      [
        ['/token', 'of-the-run'],
        ['/api/ai-registry/promotions/p1', 'ends soon'],
        ['/token', 'of-the-run'],
        ['/api/ai-registry/promotions/p1', 'first'],
        ['/api/ai-registry/promotions/p1', 'first'],
        ['/token', 'of-the-run'],
        ['/api/ai-registry/promotions/p1', 'second'],
      ],
    );
    expect(asked[0].path).toBe('/token?api-version=2.0&audience=the+portal');
  });

  it('finds the promotion of a change request that was just opened', async () => {
    const items = [{ id: 'p1', changeRequest: { number: 7 } }];
    answers = [
      json(200, { items: [] }),
      json(200, { items }),
      promotion('awaiting-review'),
    ];
    const { code } = await run(
      ['wait', '--change-request', '7', '--until', 'checked'],
      withToken(),
    );
    expect(code).toBe(0);
    expect(asked.map(({ path }) => path)).toEqual([
      '/api/ai-registry/promotions?open=true',
      '/api/ai-registry/promotions?open=true',
      '/api/ai-registry/promotions/p1',
    ]);
  });

  it('says what it refuses, and that a token is not taken', async () => {
    answers = [
      refusal(403, 'NotAllowedError', "The token 'ci' needs a scope"),
      refusal(401, 'AuthenticationError', 'Illegal token'),
    ];
    expect(await run(wait, withToken())).toMatchObject({
      code: 1,
      complained: "greenroom: The token 'ci' needs a scope",
    });
    expect((await run(wait, withToken())).complained).toMatch(
      /does not take the token/,
    );
  });

  it('is asked again while it is being restarted, but never to change something twice', async () => {
    answers = [json(503, {}), promotion('awaiting-review')];
    expect((await run(wait, withToken())).code).toBe(0);
    expect(asked).toHaveLength(2);
    asked.length = 0;
    answers = [json(503, {}), json(200, { items: [] })];
    expect((await run(['versions', 'search'], withToken())).code).toBe(0);
    expect(asked).toHaveLength(2);
    asked.length = 0;
    answers = [json(200, { items: [] }), json(503, {}), json(200, {})];
    const { code } = await run(
      ['promote', 'digits', '2', '--environment', 'dev', '--reason', 'why'],
      withToken(),
    );
    expect(code).toBe(5);
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it('has an exit code for what is not there, and one for a portal that does not answer', async () => {
    const show = ['models', 'show', 'digits'];
    answers = [
      refusal(404, 'NotFoundError', "There is no model 'digits'"),
      json(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No run' }),
      refusal(409, 'ConflictError', 'It runs'),
    ];
    expect(await run(show, withToken())).toMatchObject({
      code: 4,
      complained: "greenroom: There is no model 'digits'",
    });
    expect(await run(['runs', 'show', 'r'], withToken())).toMatchObject({
      code: 4,
      complained: 'greenroom: No run',
    });
    expect(
      await run(['models', 'delete', 'digits'], withToken()),
    ).toMatchObject({ code: 1, complained: 'greenroom: It runs' });
    await new Promise(resolve => server.close(resolve));
    expect(await run(show, withToken())).toMatchObject({
      code: 5,
      printed: '',
      complained: expect.stringContaining('does not answer'),
    });
  });

  it('is waited for no longer than was said', async () => {
    await new Promise(resolve => server.close(resolve));
    const { code, printed } = await run(wait, withToken());
    expect(code).toBe(3);
    expect(printed).toMatch(/does not answer: connect ECONNREFUSED/);
  });

  it('needs an address and a token, and says where they come from', async () => {
    expect(await run(wait, { environment: {} })).toMatchObject({
      code: 2,
      complained: expect.stringMatching(/--url, or GREENROOM_URL/),
    });
    expect(
      await run(wait, { environment: { GREENROOM_URL: url } }),
    ).toMatchObject({
      code: 2,
      complained: expect.stringMatching(/GREENROOM_TOKEN.*id-token: write/),
    });
    expect(
      (await run([...wait, '--url', 'portal'], withToken())).complained,
    ).toMatch(/expected one such as https/);
  });
});

describe('wrong usage', () => {
  it.each([
    [['deploy'], /expected --environment/],
    [
      ['deploy', '--environment', 'dev', '--timeout', '5 minutes'],
      /--timeout is/,
    ],
    [['deploy', 'dev'], /too many words/],
    [['wait'], /expected the id of a promotion/],
    [['wait', 'p1', '--change-request', '1'], /expected the id/],
    [
      ['wait', 'p1', '--until', 'green'],
      /expected one of checked, merged, completed/,
    ],
    [['promote', 'digits'], /expected the number of its version/],
    [
      ['promote', 'digits', 'two', '--environment', 'dev', '--reason', 'x'],
      /expected a whole number/,
    ],
    [['promote', 'digits', '2', '--environment', 'dev'], /expected --reason/],
    [['register', 'digits'], /expected its file or folder/],
    [['validate', 'a', 'b'], /too many words/],
  ])('%j is refused', async (args, message) => {
    const { code, complained } = await run(args, withToken());
    expect(code).toBe(2);
    expect(complained).toMatch(message);
    expect(asked).toEqual([]);
  });

  it.each(['changes', 'deploy', 'promote', 'register', 'validate', 'wait'])(
    '%s says all about itself',
    async command => {
      const { code, printed } = await run([command, '--help']);
      expect(code).toBe(0);
      expect(printed).toMatch(new RegExp(`^greenroom ${command} `));
      expect(printed).toContain('Exit codes: ');
    },
  );
});
