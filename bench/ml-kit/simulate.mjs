#!/usr/bin/env node
// @ts-check
/**
 * False alarms and power of the tests of packages/ml-kit, simulated with fixed seeds.
 *
 *   node bench/ml-kit/simulate.mjs                 all of it, about ten minutes
 *   node bench/ml-kit/simulate.mjs drift           one: drift, sequential, paired
 *   node bench/ml-kit/simulate.mjs --smoke         a few runs of each, about ten seconds
 *
 * Exit status 1 when a test alarms without a reason in clearly more than 5 % of the runs.
 */
import { loadKit } from './loadKit.mjs';

const isSmoke = process.argv.includes('--smoke');
const only = process.argv.slice(2).find(word => !word.startsWith('--')) ?? '';
const kit = await loadKit();

const random = kit.createRandom(2026);
const normal = () => kit.nextNormal(random);
const event = probability => () =>
  Number(kit.nextUniform(random) < probability);
const gray = () =>
  kit.nextUniform(random) < 0.6 ? 0 : kit.nextInteger(random, 17);
const values = {
  normal,
  exponential: () => kit.nextExponential(random),
  'log-normal': () => Math.exp(normal()),
  '1 % events': event(0.01),
  '0.1 % events': event(0.001),
};

let broken = 0;
/** A share of runs; of false alarms it must stay below 5 % and three of its standard errors. */
function show(name, hits, runs, isFalseAlarm) {
  const limit = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs);
  const isBroken = isFalseAlarm && hits / runs > limit;
  if (isBroken) broken++;
  const share = `${((100 * hits) / runs).toFixed(1)} %`;
  console.log(
    `${name.padEnd(72)} ${share.padStart(8)}${isBroken ? '  TOO MANY' : ''}`,
  );
}

function drift(runs) {
  const table = (rows, features, draw, changed = 0, live = draw) =>
    Array.from({ length: rows }, () =>
      Array.from({ length: features }, (_, i) =>
        i < changed ? live() : draw(),
      ),
    );
  /**
   * @param {{ name: string, features: number, m: number, n: number, draw: () => number, live?: () => number, changed?: number, ks?: boolean }} options
   *   draws `m` rows as a baseline, and `n` live ones of which some features have changed
   */
  const simulate = ({ name, features, m, n, draw, live, changed = 0, ks }) => {
    let hits = 0;
    let raw = 0;
    for (let run = 0; run < runs; run++) {
      const before = table(m, features, draw);
      const after = table(n, features, draw, changed, live);
      const baseline = kit.freezeBaseline({
        featureNames: before[0].map((_, i) => `x${i}`),
        features: before,
        task: 'regression',
      });
      const profile = kit.emptyProfile(baseline);
      for (const row of after) kit.addRow(profile, row);
      const report = kit.compareProfiles(baseline, profile);
      const status = changed > 0 ? report.features[0].status : report.status;
      if (status !== 'ok') hits++;
      if (!ks) continue;
      const adjusted = kit.benjaminiHochberg(
        before[0].map(
          (_, i) =>
            kit.kolmogorovSmirnovTest(
              before.map(row => row[i]),
              after.map(row => row[i]),
            ).pValue,
        ),
      );
      if (adjusted[0] < 0.05) raw++;
    }
    show(name, hits, runs, changed === 0);
    if (ks)
      show(`  Kolmogorov-Smirnov with Benjamini-Hochberg`, raw, runs, false);
  };
  for (const features of [1, 64]) {
    for (const [m, n] of [
      [1000, 100],
      [1000, 200],
      [1000, 1000],
      [300, 200],
    ]) {
      for (const [name, draw] of Object.entries({ normal, gray })) {
        simulate({
          name: `drift: none, ${features} features, ${m}/${n}, ${name}`,
          features,
          m,
          n,
          draw,
        });
      }
    }
  }
  const changes = {
    '0.3 sd up': () => 0.3 + normal(),
    '1.5 times the spread': () => 1.5 * normal(),
    '0.7 times the spread': () => 0.7 * normal(),
  };
  for (const features of [1, 20, 64]) {
    for (const n of [100, 200, 1000]) {
      for (const [name, live] of Object.entries(changes)) {
        simulate({
          name: `drift: ${name} of one in ${features} features, 1000/${n}`,
          features,
          m: 1000,
          n,
          draw: normal,
          live,
          changed: 1,
          ks: n < 1000,
        });
      }
    }
  }
}

function sequential(runs) {
  for (const tuningN of [5000, 500, 100]) {
    for (const [before, ratio] of [
      [0, 1],
      [0, 9],
      [0, 99],
      [10_000, 0],
      [10_000, 20],
    ]) {
      for (const [name, draw] of Object.entries(values)) {
        let alarms = 0;
        for (let run = 0; run < runs; run++) {
          const arms = [0, 1].map(() => ({ n: 0, sum: 0, sumOfSquares: 0 }));
          const add = (arm, units) => {
            for (let i = 0; i < units; i++) {
              const value = draw();
              arm.n++;
              arm.sum += value;
              arm.sumOfSquares += value * value;
            }
          };
          add(arms[0], before);
          for (let look = 0; look < 100; look++) {
            const units = look < 20 ? 2 : look < 60 ? 10 : 40;
            add(arms[1], units);
            add(arms[0], ratio * units);
            const { pValue } = kit.sequentialTest(
              ...arms.map(kit.meanStatistic),
              { tuningN },
            );
            if (pValue < 0.05) {
              alarms++;
              break;
            }
          }
        }
        show(
          `sequential: tuned to ${tuningN}, control ${before} + ${ratio} for each, ${name}`,
          alarms,
          runs,
          true,
        );
      }
    }
  }
}

function paired(runs) {
  for (const n of [5, 20, 50, 200, 1000]) {
    for (const [name, [onlyBase, onlyCandidate]] of Object.entries({
      'loses 2 %': [0.02, 0],
      'loses 4 %, wins 2 %': [0.04, 0.02],
      'as good on other rows': [0.09, 0.09],
    })) {
      let passed = 0;
      for (let run = 0; run < runs; run++) {
        const rows = Array.from({ length: n }, () => {
          const u = kit.nextUniform(random);
          if (u < onlyBase) return [1, 0];
          return u < onlyBase + onlyCandidate ? [0, 1] : [1, 1];
        });
        const { interval } = kit.pairedBootstrap({
          base: rows.map(row => row[0]),
          candidate: rows.map(row => row[1]),
          higherIsBetter: true,
          resamples: 500,
        });
        if (interval[0] > -0.01) passed++;
      }
      show(
        `paired: ${name} of ${n} rows, passes a margin of 1 %`,
        passed,
        runs,
        name.startsWith('loses'),
      );
    }
  }
}

for (const { name, simulate, runs } of [
  { name: 'drift', simulate: drift, runs: 300 },
  { name: 'sequential', simulate: sequential, runs: 400 },
  { name: 'paired', simulate: paired, runs: 2000 },
]) {
  if (name.includes(only)) simulate(isSmoke ? 4 : runs);
}
process.exitCode = broken > 0 ? 1 : 0;
