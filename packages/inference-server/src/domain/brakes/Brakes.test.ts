import type { PulledBrake } from '@greenroom/plugin-ai-inference-common';
import { OWN_UNIT } from '../Assignment';
import type { ModelRunner } from '../ModelRunner';
import { ServedRoute } from '../ServedRoute';
import { TensorVersion } from '../ServedVersion';
import { ServingTable } from '../ServingTable';
import { Brakes } from './Brakes';

const runner: ModelRunner = {
  signature: { inputs: [], outputs: [] },
  rowWise: true,
  dimensions: [],
  run: async ({ inputs }) => [...inputs],
  release: async () => {},
};
const versions = [1, 2, 3].map(
  version =>
    new TensorVersion({
      model: 'm',
      version,
      digest: `sha256:${version}`,
      runner,
    }),
);

function tableOf(weights: number[], comparison = 'r.1', salt = 's') {
  const route = new ServedRoute({
    route: {
      model: 'm',
      salt,
      recordedRowsPerSecond: 0,
      comparison: { id: comparison, control: 1 },
    },
    variants: weights.map((weightPercent, i) => ({
      served: versions[i],
      weightPercent,
    })),
    pending: [],
  });
  return new ServingTable(new Map([['m', route]]));
}

function create(table: ServingTable) {
  const pulled: PulledBrake[] = [];
  const released: PulledBrake[] = [];
  let nowMillis = 1_000_000;
  const brakes = new Brakes({
    settings: { windowSeconds: 10, minRequests: 20, minFailurePercent: 50 },
    observer: {
      onPulled: brake => pulled.push(brake),
      onReleased: brake => released.push(brake),
    },
    now: () => nowMillis,
  });
  let applied = brakes.applyTo(table);
  const current = () => applied.routes.get('m')!;
  return {
    brakes,
    pulled,
    released,
    current,
    wait: (millis: number) => {
      nowMillis += millis;
    },
    apply: (next: ServingTable) => {
      applied = brakes.applyTo(next);
    },
    /** Requests to a version that end so; by the route of now unless another one sent them. */
    end: (version: number, status: number, times: number, by = current()) => {
      const assignment = {
        served: versions[version - 1],
        route: by,
        unit: OWN_UNIT,
      };
      for (let i = 0; i < times; i++) {
        if (brakes.observe(assignment, current(), status)) {
          applied = brakes.applyTo(table);
        }
      }
    },
  };
}

it('forgets what happened before the window', () => {
  const { end, wait, pulled } = create(tableOf([50, 50]));
  end(1, 200, 50);
  end(2, 500, 15);
  wait(11_000);
  end(1, 200, 50);
  end(2, 500, 15);
  expect(pulled).toEqual([]);
  end(2, 500, 5);
  expect(pulled).toHaveLength(1);
});

it('is not pulled twice by requests that were on their way', () => {
  const { end, current, pulled } = create(tableOf([50, 50]));
  const before = current();
  end(1, 200, 50);
  end(2, 500, 80, before);
  expect(pulled).toHaveLength(1);
  expect(current().answering).toEqual([1]);
});

it('judges no version by requests of another rollout', () => {
  const { apply, end, current, pulled } = create(tableOf([50, 50]));
  const before = current();
  apply(tableOf([50, 50], 'other.1'));
  end(1, 200, 50);
  end(2, 500, 80, before);
  apply(tableOf([50, 50], 'r.1', 'other salt'));
  end(2, 500, 80, before);
  expect(pulled).toEqual([]);
});

it('counts what long requests of the same rollout come to, though the shares have moved', () => {
  const { apply, end, current, pulled } = create(tableOf([90, 10]));
  const before = current();
  apply(tableOf([50, 50], 'r.2'));
  end(1, 200, 50);
  end(2, 503, 20, before);
  expect(pulled).toHaveLength(1);
});

it('takes one after the other, and leaves the last', () => {
  const { end, current, pulled, brakes } = create(tableOf([40, 30, 30]));
  end(1, 200, 30);
  end(2, 200, 30);
  end(3, 429, 30);
  expect(current().answering).toEqual([1, 2]);
  end(1, 200, 30);
  end(2, 500, 30);
  expect(current().answering).toEqual([1]);
  end(1, 500, 100);
  expect(current().answering).toEqual([1]);
  expect(pulled.map(({ version }) => version)).toEqual([3, 2]);
  expect(brakes.report()).toEqual(pulled);
});

it('does not count callers who went away', () => {
  const { end, pulled } = create(tableOf([50, 50]));
  end(1, 200, 50);
  end(2, 500, 19);
  end(2, 499, 100);
  expect(pulled).toEqual([]);
  end(2, 500, 1);
  expect(pulled).toHaveLength(1);
});

it('is released when the version has no share, and not when its share changes', () => {
  const { apply, end, released, current } = create(tableOf([50, 50]));
  end(1, 200, 50);
  end(2, 500, 20);
  apply(tableOf([20, 80], 'r.2'));
  expect(current().answering).toEqual([1]);
  expect(released).toEqual([]);
  apply(tableOf([100, 0]));
  expect(released.map(({ version }) => version)).toEqual([2]);
});
