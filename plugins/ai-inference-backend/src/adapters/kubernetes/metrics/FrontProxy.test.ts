import { readFrontProxy, userOf } from './FrontProxy';

const PUBLISHED = {
  'requestheader-client-ca-file': 'PEM',
  'requestheader-username-headers': '["X-Remote-User"]',
  'requestheader-group-headers': '["X-Remote-Group"]',
  'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
};
const HEADERS = {
  'x-remote-user': ['autoscaler'],
  'x-remote-group': ['system:serviceaccounts', 'system:authenticated'],
  'x-remote-extra-scopes': ['view', 'development'],
  'x-remote-extra-example.org%2ftenant': ['acme'],
  'x-remote-extra-half%': ['kept as it is'],
  'x-forwarded-for': ['127.0.0.1'],
};

function read(data: Record<string, string>) {
  const proxy = readFrontProxy(data);
  if (!proxy) throw new Error('expected that it passes something on');
  return proxy;
}

describe('userOf', () => {
  it('says all that the API server says of who asks', () => {
    expect(userOf(read(PUBLISHED), { headersDistinct: HEADERS })).toEqual({
      user: 'autoscaler',
      groups: ['system:serviceaccounts', 'system:authenticated'],
      extra: {
        scopes: ['view', 'development'],
        'example.org/tenant': ['acme'],
        'half%': ['kept as it is'],
      },
    });
  });

  it('believes no header that the API server does not name', () => {
    const { 'requestheader-extra-headers-prefix': _prefix, ...without } =
      PUBLISHED;
    const user = userOf(read(without), { headersDistinct: HEADERS });
    expect(user?.extra).toEqual({});
    const nobody = { 'x-remote-group': ['system:masters'] };
    expect(
      userOf(read(PUBLISHED), { headersDistinct: nobody }),
    ).toBeUndefined();
  });
});

it('is nobody where the API server passes nothing on', () => {
  expect(readFrontProxy(undefined)).toBeUndefined();
  expect(
    readFrontProxy({ 'requestheader-client-ca-file': 'PEM' }),
  ).toBeUndefined();
});
