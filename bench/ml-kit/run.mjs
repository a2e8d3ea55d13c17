#!/usr/bin/env node
// @ts-check
/**
 * Throughput of packages/ml-kit on one core, in values per CPU second (user and
 * system time of this process), which other work on the machine disturbs least.
 *
 *   node bench/ml-kit/run.mjs            all of it, about a minute
 *   node bench/ml-kit/run.mjs kll        only what has "kll" in its name
 *   node bench/ml-kit/run.mjs --check    exit status 1 when a target is missed
 */
import { cpus } from 'node:os';
import { loadKit } from './loadKit.mjs';

const isCheck = process.argv.includes('--check');
const only = process.argv.slice(2).find(word => !word.startsWith('--')) ?? '';

const kit = await loadKit();

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Best of several rounds of at least half a CPU second each; the first one warms up. */
async function rate(work, perRound) {
  let best = 0;
  for (let round = 0; round < 6; round++) {
    const start = cpuSeconds();
    let done = 0;
    let spent = 0;
    while (spent < 0.5) {
      await work();
      done += perRound;
      spent = cpuSeconds() - start;
    }
    if (round > 0) best = Math.max(best, done / spent);
  }
  return best;
}

const random = kit.createRandom(1);
const VALUES = 1_000_000;
const values = Float64Array.from({ length: VALUES }, () =>
  Math.exp(kit.nextNormal(random)),
);
const features = 43;
const featureNames = Array.from({ length: features }, (_, i) => `x${i}`);
const rows = Array.from({ length: 5000 }, () =>
  Float64Array.from({ length: features }, () => kit.nextNormal(random)),
);
const baseline = kit.freezeBaseline({
  featureNames,
  features: rows,
  predictions: rows.map((_, i) => `class ${i % 3}`),
  task: 'classification',
});
const numericBaseline = kit.freezeBaseline({
  featureNames: ['x'],
  features: Array.from(values.subarray(0, 10_000), value => [value]),
  task: 'regression',
});

/**
 * With the rate that is wanted at least, or the seconds that one may take at most.
 *
 * @type {{ name: string, unit: string, target?: number, maximum?: number, perRound: number, work: () => unknown }[]}
 */
const benchmarks = [
  {
    name: 'fixed-edge histogram, 10 bins',
    unit: 'values',
    target: 20e6,
    perRound: VALUES,
    work() {
      const { histogram } = kit.emptyProfile(numericBaseline).features[0];
      for (let i = 0; i < VALUES; i++) {
        kit.addToNumericHistogram(histogram, values[i]);
      }
    },
  },
  {
    name: 'moments',
    unit: 'values',
    target: 50e6,
    perRound: VALUES,
    work() {
      const moments = kit.emptyMoments();
      for (let i = 0; i < VALUES; i++) kit.addToMoments(moments, values[i]);
    },
  },
  {
    name: 'DDSketch, 1 %',
    unit: 'values',
    target: 15e6,
    perRound: VALUES,
    work() {
      const sketch = kit.createDdSketch();
      for (let i = 0; i < VALUES; i++) kit.addToDdSketch(sketch, values[i]);
    },
  },
  {
    name: 'KLL, k = 200',
    unit: 'values',
    target: 5e6,
    perRound: VALUES,
    work() {
      const sketch = kit.createKll(200, 1);
      for (let i = 0; i < VALUES; i++) kit.addToKll(sketch, values[i]);
    },
  },
  {
    name: `profile of rows of ${features} features and a class`,
    unit: 'rows',
    target: 60e3,
    perRound: rows.length,
    work() {
      const profile = kit.emptyProfile(baseline);
      for (const row of rows) kit.addRow(profile, row, 'class 1');
    },
  },
  {
    name: `comparison of two profiles of ${features} features`,
    unit: 'reports',
    perRound: 50,
    work() {
      const current = kit.emptyProfile(baseline);
      for (const row of rows.slice(0, 200)) kit.addRow(current, row, 'class 1');
      for (let i = 0; i < 50; i++) kit.compareProfiles(baseline, current);
    },
  },
  {
    name: 'HyperLogLog, 4096 registers, short texts',
    unit: 'values',
    perRound: 100_000,
    work() {
      const sketch = kit.createHyperLogLog();
      for (let i = 0; i < 100_000; i++)
        kit.addToHyperLogLog(sketch, `user-${i}`);
    },
  },
  {
    name: 'sticky bucket of a 20 character id',
    unit: 'ids',
    perRound: 100_000,
    work() {
      for (let i = 0; i < 100_000; i++) {
        kit.stickyBucket('rollout-17', 'user-0123456789-abcde');
      }
    },
  },
  {
    name: 'paired bootstrap, 500 rows, 2000 resamples',
    unit: 'comparisons',
    perRound: 1,
    work() {
      kit.pairedBootstrap({
        base: values.subarray(0, 500),
        candidate: values.subarray(500, 1000),
        higherIsBetter: true,
      });
    },
  },
];

/** A perceptron of 12 inputs and 32 hidden units: a cheap model. */
function cheapModel() {
  const first = Float64Array.from({ length: 12 * 32 }, () =>
    kit.nextNormal(random),
  );
  const second = Float64Array.from({ length: 32 }, () =>
    kit.nextNormal(random),
  );
  return async ({ rows: count, values: input }) => {
    const output = new Float64Array(count);
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (let unit = 0; unit < 32; unit++) {
        let activation = 0;
        for (let i = 0; i < 12; i++) {
          activation += input[row * 12 + i] * first[unit * 12 + i];
        }
        if (activation > 0) sum += activation * second[unit];
      }
      output[row] = sum;
    }
    return output;
  };
}

const shapley = {
  predict: cheapModel(),
  instance: rows[0].subarray(0, 12),
  background: rows.slice(1, 101).map(row => row.subarray(0, 12)),
};
benchmarks.push({
  name: 'exact Shapley values, 12 features, 100 background rows',
  unit: 'CPU seconds each',
  maximum: 2,
  perRound: 1,
  work: () => kit.exactShapley(shapley),
});

function formatted(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} million`;
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : value.toFixed(2);
}

console.log(`${cpus()[0].model}, Node ${process.version}`);
let missed = 0;
for (const benchmark of benchmarks) {
  if (!benchmark.name.toLowerCase().includes(only.toLowerCase())) continue;
  const perSecond = await rate(benchmark.work, benchmark.perRound);
  const measured = benchmark.maximum ? 1 / perSecond : perSecond;
  const limit = benchmark.target ?? benchmark.maximum;
  const isMet =
    limit === undefined ||
    (benchmark.maximum ? measured <= limit : measured >= limit);
  if (!isMet) missed++;
  const verdict = limit === undefined ? '' : isMet ? 'met' : 'MISSED';
  const target = limit === undefined ? '' : `target ${formatted(limit)}`;
  console.log(
    [
      benchmark.name.padEnd(58),
      `${formatted(measured)} ${benchmark.unit}`.padEnd(28),
      target.padEnd(22),
      verdict,
    ]
      .join(' ')
      .trimEnd(),
  );
}
if (isCheck && missed > 0) process.exitCode = 1;
