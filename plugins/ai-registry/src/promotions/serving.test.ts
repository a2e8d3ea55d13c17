import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import {
  describeDifference,
  describeSuccessor,
  describeTraffic,
  mainVersion,
} from './serving';

const variant = (version: number, weightPercent: number) => ({
  version,
  digest: `sha256:${version}`,
  weightPercent,
});

function deployment(changes: Partial<Deployment>): Deployment {
  return {
    environment: 'production',
    model: 'digits',
    wanted: {
      version: 2,
      digest: 'sha256:2',
      commit: 'c2',
      since: '2026-05-03T08:00:00Z',
    },
    variants: [variant(2, 100)],
    convergence: { state: 'serving' },
    dataPlanes: { ready: 1, total: 1, degraded: [] },
    updatedAt: '2026-05-03T08:00:00Z',
    ...changes,
  };
}

it('names the versions with traffic, the largest share first', () => {
  expect(describeTraffic([variant(1, 10), variant(2, 90)])).toBe(
    'version 2 (90 %) and version 1 (10 %)',
  );
  expect(describeTraffic([variant(1, 0), variant(2, 100)])).toBe('version 2');
  expect(describeTraffic([variant(1, 0)])).toBeUndefined();
});

it('names the version that answers most requests', () => {
  expect(mainVersion([variant(1, 10), variant(2, 90)])).toBe(2);
  expect(mainVersion([variant(1, 0)])).toBeUndefined();
  expect(mainVersion([])).toBeUndefined();
});

it('tells what serves only where that is not what is wanted', () => {
  expect(describeDifference(deployment({}))).toBeUndefined();
  expect(
    describeDifference(
      deployment({
        variants: [variant(1, 100), variant(2, 0)],
        convergence: {
          state: 'waiting',
          reason: 'no operator Frobnicate',
          since: '2026-05-03T08:00:00Z',
        },
      }),
    ),
  ).toEqual({ serving: 'Serving version 1', reason: 'no operator Frobnicate' });
  expect(
    describeDifference(
      deployment({
        variants: [variant(2, 0)],
        convergence: { state: 'moving', reason: 'loading' },
      }),
    )?.serving,
  ).toBe('Nothing serves yet');
});

it('tells what took over from a promoted version', () => {
  const promoted = { environment: 'production', version: 2 } as const;
  expect(describeSuccessor(promoted, [deployment({})])).toBeUndefined();
  const wanted = { ...deployment({}).wanted, version: 1 };
  expect(
    describeSuccessor(promoted, [
      deployment({ wanted, variants: [variant(1, 100)] }),
    ]),
  ).toBe(
    'Since then production was moved to version 1; serving now: version 1.',
  );
  expect(describeSuccessor(promoted, [])).toBe(
    'production has no version of the model any more.',
  );
});
