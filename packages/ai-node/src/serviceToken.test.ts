import { ConfigReader } from '@backstage/config';
import { createHash } from 'node:crypto';
import {
  isSameToken,
  readServiceToken,
  readServiceTokens,
  type ServiceToken,
} from './serviceToken';
import { isInScope } from './tokenTerms';

const TEXT = 'a-token-of-more-than-24-characters';

function tokenWith(options: object): ServiceToken {
  return readServiceToken(
    new ConfigReader({
      name: 'ci',
      owner: 'group:default/vision-team',
      token: TEXT,
      scopes: [],
      ...options,
    }),
  );
}

function configOf(...externalAccess: object[]): ConfigReader {
  return new ConfigReader({ backend: { auth: { externalAccess } } });
}

describe('isInScope', () => {
  const token = tokenWith({
    scopes: [
      { permission: 'ai-inference.snapshot.read', on: 'production/*' },
      { permission: 'ai-registry.model.update', on: ['*/iris', '*/vision-*'] },
      { permission: 'ai-registry.model.create' },
      { permission: 'ai-registry.model.read', on: '*/*' },
    ],
  });

  it.each([
    ['ai-inference.snapshot.read', 'production/*', true],
    ['ai-inference.snapshot.read', 'production/iris', true],
    ['ai-inference.snapshot.read', 'staging/*', false],
    ['ai-inference.snapshot.read', '*/*', false],
    ['ai-inference.snapshot.read', undefined, false],
    // A model has no environment: a pattern for one environment does not cover it.
    ['ai-inference.snapshot.read', 'iris', false],
    ['ai-registry.model.update', 'iris', true],
    ['ai-registry.model.update', 'vision-digits', true],
    ['ai-registry.model.update', 'irises', false],
    ['ai-registry.model.update', '*', false],
    ['ai-registry.model.update', 'production/iris', true],
    ['ai-registry.model.create', undefined, true],
    ['ai-registry.model.read', undefined, true],
    ['ai-registry.model.read', 'anything', true],
    ['ai-inference.key.create', undefined, false],
  ])('%s on %s: %s', (permission, resourceRef, expected) => {
    expect(isInScope(token, { permission, resourceRef })).toBe(expected);
  });

  it('takes letters of a pattern as they are, and an asterisk within its part', () => {
    const scopes = [{ permission: 'ai-x.do', on: 'dev/a*' }];
    const narrow = tokenWith({ scopes });
    const on = (resourceRef: string) =>
      isInScope(narrow, { permission: 'ai-x.do', resourceRef });
    expect(on('dev/a')).toBe(true);
    expect(on('dev/ab')).toBe(true);
    expect(on('dev/a/b')).toBe(false);
    expect(on('devx/a')).toBe(false);
    expect(on('dev/*')).toBe(false);
  });
});

describe('readServiceTokens', () => {
  it('keeps a hash, whether the token or its hash is configured', () => {
    const sha256 = createHash('sha256').update(TEXT).digest('hex');
    const hashed = tokenWith({ token: undefined, sha256 });
    expect(isSameToken(hashed, TEXT)).toBe(true);
    expect(isSameToken(hashed, `${TEXT}x`)).toBe(false);
    expect(hashed.hash).toEqual(tokenWith({}).hash);
    expect(JSON.stringify(tokenWith({}))).not.toContain(TEXT);
  });

  it.each([
    [{ token: 'short' }, /'ci' needs a token of at least 24 characters/],
    [{ token: undefined }, /'ci' needs either token or sha256/],
    [{ token: undefined, sha256: 'abc' }, /64 hexadecimal digits/],
    [{ owner: 'vision-team' }, /'ci' has the owner 'vision-team'/],
    [{ expiresAt: 'soon' }, /'ci' has expiresAt 'soon'/],
    [{ expiresAt: '2027-02-30' }, /'ci' has expiresAt '2027-02-30'/],
    [{ name: 'My CI' }, /lower-case letters/],
    [{ subject: 'ci' }, /unknown option 'subject'/],
    [
      { scopes: [{ permission: 'ai-registry.model.read', on: 'iris' }] },
      /has on: 'iris': write <environment>\/<model>/,
    ],
    [
      { scopes: [{ permission: 'catalog.entity.read', on: '*/*' }] },
      /only permissions of the AI platform/,
    ],
  ])('refuses %j', (options, message) => {
    expect(() => tokenWith(options)).toThrow(message);
  });

  it('refuses two tokens of one name, and restrictions besides scopes', () => {
    const options = {
      name: 'ci',
      owner: 'group:default/vision-team',
      token: TEXT,
      scopes: [],
    };
    const entry = { type: 'greenroom', options };
    expect(() => readServiceTokens(configOf(entry, entry))).toThrow(
      /two tokens with the name 'ci'/,
    );
    expect(() =>
      readServiceTokens(
        configOf({ ...entry, accessRestrictions: [{ plugin: 'catalog' }] }),
      ),
    ).toThrow(/its scopes say what it may do/);
  });

  it.each(['plugin:ai-registry', 'greenroom:data-plane-production'])(
    'lets no other token call itself %s',
    subject => {
      const options = { token: TEXT, subject };
      expect(() =>
        readServiceTokens(configOf({ type: 'static', options })),
      ).toThrow(/belongs to somebody else/);
    },
  );
});
