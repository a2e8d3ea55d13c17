import { checkPath, parseArtifactPath, pathInExperiment } from './artifactPath';

describe('parseArtifactPath', () => {
  it('finds whom a file belongs to', () => {
    const ofRun = parseArtifactPath('12/abc/artifacts/model/ML model.pkl');
    expect(ofRun).toEqual({
      experiment: '12',
      owner: { kind: 'run', id: 'abc' },
      path: 'model/ML model.pkl',
    });
    expect(pathInExperiment(ofRun)).toBe('abc/artifacts/model/ML model.pkl');
    const ofModel = parseArtifactPath('0/models/m-1/artifacts');
    expect(ofModel).toEqual({
      experiment: '0',
      owner: { kind: 'model', id: 'm-1' },
      path: '',
    });
    expect(pathInExperiment(ofModel)).toBe('models/m-1/artifacts');
  });

  it.each([
    '1',
    '1/abc',
    '1/abc/other/x',
    'x/abc/artifacts/y',
    '1/models/artifacts/y',
    '01/abc/artifacts/x',
  ])('refuses %s, which is no file of a run or model', text => {
    expect(() => parseArtifactPath(text)).toThrow(
      /Invalid path .*expected <experiment>\/<run>\/artifacts/,
    );
  });
});

describe('checkPath', () => {
  it.each([
    '..',
    'a/../b',
    'a/./b',
    '/etc/passwd',
    'a//b',
    'a/',
    '',
    'a\\b',
    'a#b',
    'C:/x',
    'a\u0000b',
    'a\nb',
    '%2e%2e/x',
    'a/%252e%252e/b',
    '%2Fetc',
    'a%5cb',
    'a%00',
    'x'.repeat(256),
    'ab/'.repeat(400),
    `%${'25'.repeat(12)}2e`,
  ])('refuses %j', path => {
    expect(() => checkPath(path)).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: expect.stringContaining('Invalid path'),
      }),
    );
  });

  it.each([
    'a b',
    '100%',
    '...',
    'a..b',
    'größe/😀.txt',
    '.hidden',
    'a%20b',
    'x=1&y?',
  ])('takes %j', path => {
    expect(checkPath(path)).toBe(path);
  });
});
