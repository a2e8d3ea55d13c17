import { makeRun } from '../__testUtils__/fixtures';
import { repositoryPage, sourceOf } from './source';

describe('repositoryPage', () => {
  it.each([
    ['git@github.com:acme/digits.git', 'https://github.com/acme/digits'],
    ['https://github.com/acme/digits', 'https://github.com/acme/digits'],
    [
      'https://ada:secret@gitlab.example.com/a/b/c.git',
      'https://gitlab.example.com/a/b/c',
    ],
    [
      'ssh://git@git.example.com/acme/digits.git',
      'https://git.example.com/acme/digits',
    ],
    ['data:text/html,x', undefined],
    ['/home/ada/digits', undefined],
    ['https://github.com:99999/acme/digits', undefined],
    [undefined, undefined],
  ])('reads %s', (remote, page) => {
    expect(repositoryPage(remote)).toBe(page);
  });
});

describe('sourceOf', () => {
  const tags = (url: string, commit = 'abcdef1234') => ({
    'mlflow.source.git.commit': commit,
    'mlflow.source.git.repoURL': url,
  });

  it('knows where hosts show commits', () => {
    const page = (url: string, commit?: string) =>
      sourceOf(makeRun({ tags: tags(url, commit) })).commitPage;
    expect(page('git@github.com:acme/digits.git')).toBe(
      'https://github.com/acme/digits/commit/abcdef1234',
    );
    expect(page('https://gitlab.com/acme/digits')).toBe(
      'https://gitlab.com/acme/digits/-/commit/abcdef1234',
    );
    expect(page('https://bitbucket.org/acme/digits')).toBe(
      'https://bitbucket.org/acme/digits/commits/abcdef1234',
    );
    expect(page('https://git.example.com/acme/digits')).toBeUndefined();
    expect(page('https://github.com/acme/digits', '../../x')).toBeUndefined();
  });

  it('is empty where the client said nothing', () => {
    expect(Object.values(sourceOf(makeRun())).filter(Boolean)).toEqual([]);
  });
});
