import { parseSource } from './source';

const MODEL = `m-${'a'.repeat(32)}`;

describe('parseSource', () => {
  it.each<[string, object]>([
    [`models:/${MODEL}`, { kind: 'logged-model', id: MODEL, path: '' }],
    [`models:/${MODEL}/sub/`, { kind: 'logged-model', id: MODEL, path: 'sub' }],
    ['models:/a b/3', { kind: 'version', externalName: 'a b', version: 3 }],
    ['models:/a@best', { kind: 'alias', externalName: 'a', alias: 'best' }],
    ['runs:/r1/model', { kind: 'run', id: 'r1', path: 'model' }],
    [
      'mlflow-artifacts:/0/r1/artifacts/model/',
      {
        kind: 'folder',
        folder: {
          experiment: '0',
          owner: { kind: 'run', id: 'r1' },
          path: 'model',
        },
      },
    ],
    [
      `mlflow-artifacts:///7/models/${MODEL}/artifacts`,
      {
        kind: 'folder',
        folder: {
          experiment: '7',
          owner: { kind: 'model', id: MODEL },
          path: '',
        },
      },
    ],
    [
      'mlflow-artifacts:/registered-models/iris/2',
      { kind: 'registered', model: 'iris', version: 2 },
    ],
  ])('reads %s', (source, expected) => {
    expect(parseSource(source)).toEqual(expected);
  });

  it.each([
    's3://bucket/model',
    'file:///etc/passwd',
    '/etc/passwd',
    'https://example.com/model',
    'dbfs:/model',
    'mlflow-artifacts://elsewhere:5000/0/r1/artifacts/model',
  ])('says of %s how files come here', source => {
    expect(() => parseSource(source)).toThrow(
      `Invalid model version source: '${source}'. The files of a version are kept here`,
    );
  });

  it.each([
    'runs:/r1/../r2/artifacts',
    'runs:/r1/%2e%2e/x',
    'runs:/r1/%252e%252e/x',
    'runs:/r1',
    'models:/a/b/c',
    'models:/a/latest',
    'mlflow-artifacts:/0/r1/other',
    'mlflow-artifacts:/registered-models/iris/2/sub',
  ])('refuses %s', source => {
    expect(() => parseSource(source)).toThrow(
      `Invalid model version source: '${source}'.`,
    );
  });
});
