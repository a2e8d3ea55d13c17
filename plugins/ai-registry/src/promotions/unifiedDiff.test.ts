import { findFormatChange, parseUnifiedDiff } from './unifiedDiff';

describe('parseUnifiedDiff', () => {
  it('numbers the lines of a changed manifest on both sides', () => {
    const [file, ...others] = parseUnifiedDiff(
      [
        'diff --git a/environments/production/models/digits.yaml b/environments/production/models/digits.yaml',
        'index 111..222 100644',
        '--- a/environments/production/models/digits.yaml',
        '+++ b/environments/production/models/digits.yaml',
        '@@ -4,4 +4,5 @@ metadata:',
        ' spec:',
        '-  version: 1',
        '--- not a header',
        '+  version: 2',
        '+  rollout: {}',
        '   digest: x',
        '\\ No newline at end of file',
        '',
      ].join('\n'),
    );
    expect(others).toEqual([]);
    expect(file).toEqual({
      path: 'environments/production/models/digits.yaml',
      change: 'modified',
      lines: [
        { kind: 'hunk', text: '@@ -4,4 +4,5 @@ metadata:' },
        { kind: 'context', text: 'spec:', before: 4, after: 4 },
        { kind: 'removed', text: '  version: 1', before: 5 },
        { kind: 'removed', text: '-- not a header', before: 6 },
        { kind: 'added', text: '  version: 2', after: 5 },
        { kind: 'added', text: '  rollout: {}', after: 6 },
        { kind: 'context', text: '  digest: x', before: 7, after: 7 },
      ],
    });
  });

  it('tells new and removed files, with or without the header of Git', () => {
    const files = parseUnifiedDiff(
      [
        '--- /dev/null',
        '+++ b/environments/dev/models/digits.yaml',
        '@@ -0,0 +1 @@',
        '+kind: ModelDeployment',
        'diff --git a/old.yaml b/old.yaml',
        '--- a/old.yaml',
        '+++ /dev/null',
        '@@ -1 +0,0 @@',
        '-kind: ModelDeployment',
      ].join('\n'),
    );
    expect(files.map(({ path, change }) => [path, change])).toEqual([
      ['environments/dev/models/digits.yaml', 'added'],
      ['old.yaml', 'removed'],
    ]);
  });

  it('is empty for an empty diff', () => {
    expect(parseUnifiedDiff('')).toEqual([]);
  });
});

describe('findFormatChange', () => {
  const formatOf = (...lines: string[]) =>
    findFormatChange(
      parseUnifiedDiff(
        ['--- a/x.yaml', '+++ b/x.yaml', '@@ -1 +1 @@', ...lines].join('\n'),
      )[0],
    );

  it.each([
    ['another format', ['-apiVersion: a/v1', '+apiVersion: a/v2'], true],
    [
      'a comment beside it',
      ['-apiVersion: a/v1', '+apiVersion: a/v1 #'],
      false,
    ],
    ['a new file', ['+apiVersion: a/v2'], false],
    ['the version alone', ['-  version: 1', '+  version: 2'], false],
  ])('sees %s', (_, lines, isOther) => {
    expect(formatOf(...lines)).toEqual(
      isOther ? { before: 'a/v1', after: 'a/v2' } : undefined,
    );
  });
});
