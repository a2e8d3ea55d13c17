import { placeOf, problemWithAddress, shortRevision } from './templateLocation';

describe('templateLocation', () => {
  it('is short', () => {
    expect(placeOf({ type: 'url', target: 'https://a.b/c.yaml' })).toBe(
      'a.b/c.yaml',
    );
    expect(placeOf({ type: 'file', target: '/srv/train.yaml' })).toBe(
      '/srv/train.yaml',
    );
    expect(shortRevision(`sha256:${'ab'.repeat(32)}`)).toBe('ababababab');
    expect(shortRevision('0123456789abcdef')).toBe('0123456789');
  });

  it.each([
    ['https://github.com/v/d/blob/main/greenroom/train.yaml', true],
    [' https://dev.azure.com/v/_git/d?path=/train.yaml ', true],
    ['http://git.local/d/train.yml?at=main', true],
    ['', false],
    ['github.com/v/d/train.yaml', false],
    ['https://github.com/v/d', false],
    ['/srv/train.yaml', false],
  ])('takes %j: %s', (text, isTaken) => {
    expect(problemWithAddress(text) === undefined).toBe(isTaken);
  });
});
