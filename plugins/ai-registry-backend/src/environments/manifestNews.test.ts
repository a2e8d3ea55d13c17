import type { EnvironmentProblem } from '@greenroom/plugin-ai-registry-common';
import { findManifestNews } from './manifestNews';

const NOW = new Date('2026-05-03T12:00:00Z');
const path = 'environments/staging/models/digits.yaml';
const problem = (changes: Partial<EnvironmentProblem> = {}) => ({
  environment: 'staging',
  model: 'digits',
  path,
  message: 'broken',
  commit: 'one',
  since: '2026-05-03T11:59:50Z',
  ...changes,
});
const told = { path, commit: 'one', recipients: ['group:default/vision'] };
const kinds = (options: {
  problems?: EnvironmentProblem[];
  told?: (typeof told)[];
}) =>
  findManifestNews({ problems: [], told: [], ...options, now: NOW }).map(
    ({ kind }) => kind,
  );

describe('findManifestNews', () => {
  it.each([
    ['nothing is wrong', {}, []],
    ['a file is wrong', { problems: [problem()] }, ['not-applied']],
    [
      'its version may come in a moment',
      { problems: [problem({ since: '2026-05-03T11:59:51Z' })] },
      [],
    ],
    ['that was told', { problems: [problem()], told: [told] }, []],
    [
      'it is wrong in another way, without a commit',
      { problems: [problem({ message: 'other' })], told: [told] },
      [],
    ],
    [
      'a later commit is wrong as well',
      { problems: [problem({ commit: 'two' })], told: [told] },
      ['not-applied'],
    ],
    ['it is mended', { told: [told] }, ['mended']],
    [
      'it is mended and another one is wrong',
      { problems: [problem({ path: 'other.yaml' })], told: [told] },
      ['not-applied', 'mended'],
    ],
  ])('when %s', (_what, options, expected) => {
    expect(kinds(options)).toEqual(expected);
  });
});
