import { makeDeployment } from '../__testUtils__/fixtures';
import { compareSides, type Sides } from './compareSides';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const DIGEST = 'sha256:a';
const serving = makeDeployment({
  variants: [{ version: 2, digest: DIGEST, weightPercent: 100 }],
  convergence: { state: 'serving' },
});
const agreed: Sides = {
  deployment: serving,
  manifest: { version: 2, commit: COMMIT },
  alias: { version: 2 },
  run: {
    state: 'running',
    since: '2026-05-03T10:00:00Z',
    publicUrl: 'http://models',
    replicas: { wanted: 2, ready: 2 },
  },
};
const differing = (changes: Partial<Sides>) =>
  compareSides({ ...agreed, ...changes })
    .filter(({ differs }) => differs !== undefined)
    .map(({ name, differs }) => [name, differs]);

describe('compareSides', () => {
  it('says what each place says', () => {
    expect(compareSides(agreed)).toEqual([
      { name: 'Manifest on main', says: 'version 2, 0123456' },
      { name: 'Alias production', says: 'version 2' },
      { name: 'Rollout', says: 'version 2' },
      { name: 'Data planes', says: 'version 2, 1 of 1 up to date' },
      { name: 'What runs them', says: 'running, 2 of 2 pods ready' },
    ]);
  });

  it('leaves out what runs them where the control plane does not', () => {
    expect(
      compareSides({ ...agreed, run: { state: 'unmanaged' } }).map(
        ({ name }) => name,
      ),
    ).not.toContain('What runs them');
  });

  it('finds where a change is', () => {
    expect(differing({ manifest: { version: 3, commit: COMMIT } })).toEqual([
      ['Alias production', expect.stringContaining('follows what is merged')],
      ['Rollout', expect.stringContaining('not been taken over yet')],
    ]);
    expect(differing({ deployment: makeDeployment() })).toEqual([
      ['Data planes', 'Version 2 has 10 % of the traffic'],
    ]);
  });

  it('tells what was changed in a cluster, and what is wrong there', () => {
    const run = { ...agreed.run, drift: ['Somebody set replicas to 1.'] };
    expect(differing({ run: run as Sides['run'] })).toEqual([
      ['What runs them', 'Somebody set replicas to 1.'],
    ]);
    expect(
      differing({
        run: {
          state: 'failing',
          since: '',
          reason: 'the cluster cannot be reached',
          attempts: 2,
          nextTryAt: '',
        },
      }),
    ).toEqual([['What runs them', 'the cluster cannot be reached']]);
  });

  it('says that what Git has no manifest of goes away', () => {
    expect(differing({ manifest: undefined, alias: undefined })).toEqual([
      ['Manifest on main', expect.stringContaining('goes away')],
    ]);
  });

  it('tells of a data plane that does not serve as it should', () => {
    const dataPlanes = {
      ready: 1,
      total: 2,
      degraded: [{ publicUrl: 'http://b', reason: 'its disk is full' }],
    };
    expect(differing({ deployment: { ...serving, dataPlanes } })).toEqual([
      ['Data planes', 'its disk is full'],
    ]);
  });
});
