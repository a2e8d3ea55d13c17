import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { RunTokens } from '@greenroom/github-stand-in';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createPublicKey } from 'node:crypto';
import { readFederatedToken } from './federatedToken';
import { FederatedTokens } from './FederatedTokens';

const AUDIENCE = 'https://greenroom.example';
const MINUTE_MILLIS = 60_000;

describe('FederatedTokens', () => {
  const issuer = new RunTokens();
  let nowMillis: number;
  const warnings: string[] = [];

  beforeEach(async () => {
    issuer.behaviour = 'answers';
    await issuer.start();
    issuer.asked.length = 0;
    warnings.length = 0;
    nowMillis = 0;
  });
  afterEach(() => issuer.stop());

  const entry = (name: string, claims: object = {}, more: object = {}) =>
    readFederatedToken(
      new ConfigReader({
        from: 'oidc',
        name,
        owner: 'group:default/ml-platform',
        issuer: issuer.url,
        audience: AUDIENCE,
        claims: {
          repository: 'acme/environments',
          ref: 'refs/heads/main',
          environment: name,
          ...claims,
        },
        scopes: [{ permission: 'ai-registry.model.read' }],
        ...more,
      }),
    );
  const create = (...tokens: ReturnType<typeof entry>[]) =>
    new FederatedTokens({
      tokens: tokens.length > 0 ? tokens : [entry('production')],
      logger: mockServices.logger.mock({
        warn: text => void warnings.push(text),
      }),
      nowMillis: () => nowMillis,
    });
  const nameIn = async (tokens: FederatedTokens, text: string) =>
    (await tokens.findByText(text))?.name;

  it('takes a token of a run as the first entry that fits, and asks for the keys once', async () => {
    const tokens = create(
      entry('staging'),
      entry('production'),
      entry('production', {}, { name: 'later' }),
    );
    expect(await nameIn(tokens, await issuer.sign())).toBe('production');
    const staging = await issuer.sign({ environment: 'staging' });
    expect(await nameIn(tokens, staging)).toBe('staging');
    expect(issuer.asked).toEqual([
      '/.well-known/openid-configuration',
      '/keys',
    ]);
    expect(warnings).toEqual([]);
  });

  it.each([
    [
      'another repository',
      { repository: 'acme/other' },
      /claim repository is "acme\/other", and "acme\/environments" was expected/,
    ],
    [
      'a branch',
      { ref: 'refs/heads/main2' },
      /claim ref is "refs\/heads\/main2"/,
    ],
    ['another environment', { environment: 'staging' }, /claim environment is/],
    [
      'no environment',
      { environment: undefined },
      /claim environment is "?missing"?/,
    ],
    [
      'a claim that is no text',
      { ref: ['refs/heads/main'] },
      /claim ref is \["refs/,
    ],
    [
      'another audience',
      { aud: 'sts.amazonaws.com' },
      /audience is "sts.amazonaws.com"/,
    ],
    ['no audience', { aud: undefined }, /audience is missing/],
    ['the past', { exp: 1_700_000_000, iat: 1_699_999_000 }, /exp/],
    ['the future', { nbf: 4_000_000_000 }, /nbf/],
    ['no end', { exp: undefined }, /exp/],
    ['no beginning', { iat: undefined }, /iat/],
    ['two hours ago, still valid', { iat: Date.now() / 1000 - 7_200 }, /iat/],
  ])(
    'refuses a token of %s, and says why in the log alone',
    async (_, claims, reason) => {
      const text = await issuer.sign(claims);
      expect(await create().findByText(text)).toBeUndefined();
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(reason);
      expect(warnings[0]).toContain("as 'production': ");
      expect(warnings[0]).not.toContain(text);
    },
  );

  it('takes an audience among several', async () => {
    const text = await issuer.sign({ aud: ['other', AUDIENCE] });
    expect(await nameIn(create(), text)).toBe('production');
  });

  it('leaves tokens of other issuers, and what is no token, to others without asking anybody', async () => {
    const tokens = create();
    for (const text of [
      await issuer.sign({ iss: 'https://token.actions.githubusercontent.com' }),
      await issuer.sign({ iss: undefined }),
      'opaque',
      'a.b.c',
      `${'a'.repeat(20_000)}.b.c`,
      '',
    ]) {
      expect(await tokens.findByText(text)).toBeUndefined();
    }
    expect(issuer.asked).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('refuses tokens without a signature, with a wrong one, and signed with the public key as a secret', async () => {
    const tokens = create();
    const good = await issuer.sign();
    const [header, payload, signature] = good.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const { keys } = await (await fetch(`${issuer.url}/keys`)).json();
    const asSecret = createPublicKey({ key: keys[0], format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const changed = Buffer.from(
      JSON.stringify({ ...claims, actor: 'mallory' }),
    ).toString('base64url');
    for (const text of [
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: keys[0].kid })
        .sign(Buffer.from(asSecret)),
      `${header}.${changed}.${signature}`,
      `${header}.${payload}.`,
    ]) {
      expect(await tokens.findByText(text)).toBeUndefined();
    }
    expect(await nameIn(tokens, good)).toBe('production');
  });

  it('takes ES256, and refuses an algorithm that is not among the agreed ones', async () => {
    await issuer.rotate({ alg: 'ES256' });
    expect(await nameIn(create(), await issuer.sign())).toBe('production');
    await issuer.rotate({ alg: 'PS512' });
    expect(await create().findByText(await issuer.sign())).toBeUndefined();
    expect(warnings[0]).toMatch(/alg/);
  });

  describe('keys', () => {
    it('follows the issuer to a new one, and lets the old one go', async () => {
      const tokens = create();
      const old = await issuer.sign();
      expect(await nameIn(tokens, old)).toBe('production');
      await issuer.rotate();
      nowMillis += 31_000;
      expect(await nameIn(tokens, await issuer.sign())).toBe('production');
      expect(await tokens.findByText(old)).toBeUndefined();
    });

    it('is gone after ten minutes, also when nobody came with a new one', async () => {
      const tokens = create();
      const old = await issuer.sign();
      expect(await nameIn(tokens, old)).toBe('production');
      await issuer.rotate();
      expect(await nameIn(tokens, old)).toBe('production');
      nowMillis += 11 * MINUTE_MILLIS;
      expect(await tokens.findByText(old)).toBeUndefined();
    });

    it('costs the issuer nothing when many tokens come with unknown ones', async () => {
      const tokens = create();
      await tokens.findByText(await issuer.sign());
      issuer.asked.length = 0;
      const many = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          issuer.sign({}, { kid: `made-up-${index}` }),
        ),
      );
      const found = await Promise.all(
        many.map(text => tokens.findByText(text)),
      );
      expect(found.every(token => token === undefined)).toBe(true);
      expect(issuer.asked).toEqual([]);
      nowMillis += 31_000;
      await Promise.all(many.map(text => tokens.findByText(text)));
      expect(issuer.asked).toHaveLength(2);
      // Who sends wrong tokens does not fill the log, either.
      expect(warnings.length).toBeLessThanOrEqual(40);
    });

    it('are the last ones for an hour while the issuer is away, and then nobody can tell', async () => {
      const tokens = create();
      const text = await issuer.sign();
      expect(await nameIn(tokens, text)).toBe('production');
      issuer.behaviour = 'fails';
      nowMillis += 59 * MINUTE_MILLIS;
      expect(await nameIn(tokens, text)).toBe('production');
      nowMillis += 2 * MINUTE_MILLIS;
      await expect(tokens.findByText(text)).rejects.toThrow(
        /issuer of the token does not answer/,
      );
      issuer.behaviour = 'answers';
      nowMillis += 6_000;
      expect(await nameIn(tokens, text)).toBe('production');
    });

    it('are not waited for by each caller while the issuer is known to be away', async () => {
      issuer.behaviour = 'fails';
      const tokens = create();
      const text = await issuer.sign();
      for (let call = 0; call < 10; call += 1) {
        await expect(tokens.findByText(text)).rejects.toThrow(
          /does not answer/,
        );
      }
      expect(issuer.asked).toHaveLength(1);
      expect(warnings[0]).toMatch(/keys could not be fetched.*answered 502/);
    });

    it('are given up after five seconds from a slow issuer, and when the answer is too large', async () => {
      issuer.behaviour = 'hangs';
      const text = await issuer.sign();
      const startedMillis = Date.now();
      const tokens = create();
      const callers = await Promise.allSettled(
        Array.from({ length: 20 }, () => tokens.findByText(text)),
      );
      expect(callers.every(({ status }) => status === 'rejected')).toBe(true);
      expect(Date.now() - startedMillis).toBeLessThan(9_000);
      expect(issuer.asked).toHaveLength(1);
      issuer.behaviour = 'floods';
      await expect(create().findByText(text)).rejects.toThrow(/not answer/);
      expect(warnings.at(-1)).toMatch(/more than 262144 bytes/);
    });

    it('come from the address that the entry names, without asking where they are', async () => {
      const jwksUrl = `${issuer.url}/keys`;
      const tokens = create(entry('production', {}, { jwksUrl }));
      expect(await nameIn(tokens, await issuer.sign())).toBe('production');
      expect(issuer.asked).toEqual(['/keys']);
    });

    it('are refused from an issuer that calls itself something else', async () => {
      const tokens = create(
        entry('production', {}, { issuer: `${issuer.url}/` }),
      );
      await expect(
        tokens.findByText(await issuer.sign({ iss: `${issuer.url}/` })),
      ).rejects.toThrow(/not answer/);
      expect(warnings[0]).toMatch(/says that its issuer is/);
    });
  });
});
