import type { Model, ModelVersion } from '@greenroom/plugin-ai-registry-common';
import { isPublicAddress } from './addresses';
import { decideRetry, MOST_ATTEMPTS } from './decideRetry';
import { ReceiverRules } from './ReceiverRules';
import { SecretBox } from './SecretBox';
import { headersOf } from './signature';
import { bodyOf, happeningsOf } from './webhookEvents';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])(
    'takes %s',
    address => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'localhost',
    '',
  ])('takes no %s', address => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('ReceiverRules', () => {
  const rules = (resolve?: () => Promise<never[]>) =>
    new ReceiverRules({
      allowPrivateAddresses: false,
      httpHosts: ['ci.local'],
      resolve: resolve ?? (async () => []),
    });

  it.each([
    ['ftp://example.com', 'expected https'],
    ['http://example.com', 'aiRegistry.webhooks.httpHosts'],
    ['https://me:word@example.com', 'user name or a password'],
    ['nowhere', 'expected an address'],
    ['https://127.0.0.1/', 'private address'],
    ['https://0x7f.1/', 'private address'],
    ['https://2130706433/', 'private address'],
    ['https://[::ffff:10.0.0.1]/', 'private address'],
    ['https://169.254.169.254/latest', 'private address'],
  ])('refuses %s', (url, message) => {
    expect(() => rules().parse(url)).toThrow(message);
  });

  it('takes https, and http of hosts that the configuration names', () => {
    expect(rules().parse('https://example.com/a').hostname).toBe('example.com');
    expect(rules().parse('http://CI.local:8080/a').port).toBe('8080');
  });

  it('refuses a host when one of its addresses is private', async () => {
    const mixed = new ReceiverRules({
      allowPrivateAddresses: false,
      httpHosts: [],
      resolve: async () => [
        { address: '8.8.8.8', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ],
    });
    await expect(mixed.resolve(new URL('https://example.com'))).rejects.toThrow(
      'private address',
    );
  });
});

describe('decideRetry', () => {
  const leftMillis = 24 * 3_600_000;

  it('waits from a second to an hour, and ever longer', () => {
    const waits = Array.from({ length: MOST_ATTEMPTS }, (_, index) =>
      decideRetry({ attempts: index + 1, leftMillis }, 1),
    );
    expect(waits).toEqual([
      1_000,
      4_000,
      16_000,
      64_000,
      256_000,
      1_024_000,
      3_600_000,
      3_600_000,
      3_600_000,
      undefined,
    ]);
  });

  it('spreads those that failed together', () => {
    expect(decideRetry({ attempts: 2, leftMillis }, 0)).toBe(2_000);
    expect(decideRetry({ attempts: 2, leftMillis }, 0.5)).toBe(3_000);
  });

  it('gives up what would be too late', () => {
    expect(decideRetry({ attempts: 2, leftMillis: 3_000 }, 1)).toBeUndefined();
  });
});

describe('SecretBox', () => {
  it('opens what it sealed, for whom it did, also with a key that is not the first any more', () => {
    const sealed = new SecretBox(['old key']).seal('geheim ü', 'hook 1');
    expect(sealed.sealed.toString('latin1')).not.toContain('geheim');
    const both = new SecretBox(['new key', 'old key']);
    expect(both.open(sealed, 'hook 1')).toBe('geheim ü');
    expect(() => both.open(sealed, 'hook 2')).toThrow();
    expect(() => new SecretBox(['new key']).open(sealed, 'hook 1')).toThrow(
      'set the secret of the hook again',
    );
    expect(() => new SecretBox([]).seal('x', 'hook 1')).toThrow(
      'aiRegistry.webhooks.encryptionKey',
    );
  });
});

describe('headersOf', () => {
  it('signs as MLflow 3.17.2 does', () => {
    // Made with mlflow.webhooks.delivery._generate_hmac_signature.
    expect(
      headersOf({
        id: '11111111-2222-4333-8444-555555555555',
        body: '{"entity": "registered_model", "data": {"name": "größe"}}',
        secret: 'my-secret',
        at: new Date(1_700_000_000_999),
      }),
    ).toMatchObject({
      'X-MLflow-Delivery-Id': '11111111-2222-4333-8444-555555555555',
      'X-MLflow-Timestamp': '1700000000',
      'X-MLflow-Signature': 'v1,ndj0hZhvwg8TCP5deKz28xAUzQAKupXRHNMsqrQGVCg=',
    });
  });

  it('signs nothing without a secret', () => {
    const headers = headersOf({ id: '1', body: '{}', at: new Date() });
    expect(headers).not.toHaveProperty('X-MLflow-Signature');
  });
});

describe('happeningsOf', () => {
  const said = { version: 3, description: 'Old', tags: { a: '1', b: '2' } };

  it('tells each tag of a version by itself', () => {
    const found = happeningsOf({
      action: 'version-updated',
      model: 'digits',
      before: said,
      after: { ...said, tags: { b: '3', c: '' } },
    });
    expect(found.map(({ event, data }) => [event, data])).toEqual([
      ['model_version_tag.set', { version: '3', key: 'b', value: '3' }],
      ['model_version_tag.set', { version: '3', key: 'c', value: '' }],
      ['model_version_tag.deleted', { version: '3', key: 'a' }],
    ]);
  });

  it('tells what else changed as an update, and of nothing when nothing did', () => {
    const after = { ...said, stage: 'Production' };
    const change = { action: 'version-updated', model: 'digits', before: said };
    expect(happeningsOf({ ...change, after })).toMatchObject([
      {
        event: 'model_version.updated',
        data: { version: '3', description: 'Old', stage: 'Production' },
      },
    ]);
    expect(happeningsOf({ ...change, after: said })).toEqual([]);
  });

  it('tells of models, versions and aliases in the words of MLflow', () => {
    const model = { tags: { team: 'x' }, description: '' } as Partial<Model>;
    const version = {
      ...said,
      source: { uri: 'runs:/1/model', run: '1' },
    } as Partial<ModelVersion>;
    const of = { model: 'digits' };
    expect(
      [
        { ...of, action: 'model-created', after: model },
        { ...of, action: 'model-deleted', before: model },
        { ...of, action: 'version-created', after: version },
        { ...of, action: 'version-deleted', subject: '3' },
        {
          ...of,
          action: 'alias-moved',
          subject: 'champion',
          after: { alias: 'champion', version: 3 },
        },
        { ...of, action: 'alias-removed', subject: 'champion' },
        { ...of, action: 'evaluation-added', after: {} },
        { action: 'token-issued', after: {} },
      ].flatMap(change => happeningsOf(change)),
    ).toEqual([
      {
        ...of,
        event: 'registered_model.created',
        data: { tags: { team: 'x' }, description: null },
      },
      { ...of, event: 'registered_model.deleted', data: {} },
      {
        ...of,
        event: 'model_version.created',
        data: {
          version: '3',
          source: 'runs:/1/model',
          run_id: '1',
          tags: { a: '1', b: '2' },
          description: 'Old',
        },
      },
      { ...of, event: 'model_version.deleted', data: { version: '3' } },
      {
        ...of,
        event: 'model_version_alias.created',
        data: { alias: 'champion', version: '3' },
      },
      {
        ...of,
        event: 'model_version_alias.deleted',
        data: { alias: 'champion' },
      },
    ]);
  });
});

it('writes times as Python does', () => {
  expect(JSON.parse(bodyOf('model_version.deleted', {}, new Date(0)))).toEqual({
    entity: 'model_version',
    action: 'deleted',
    timestamp: '1970-01-01T00:00:00.000+00:00',
    data: {},
  });
});
