import fc from 'fast-check';
import { createRandom, nextUniform } from '../random/random';
import {
  RARE_SHARE,
  sequentialProportionEvidence,
  sequentialProportionInterval,
  sequentialShareEvidence,
  sequentialShareInterval,
} from './sequentialProportion';

const random = createRandom(20_261_129);

/** Whether an e-value reached 1 / alpha at any of many looks. */
function everAlarms(options: {
  shares: { control: number; treatment: number };
  ratio: number;
  alpha: number;
  difference: number;
  looks: number;
}): boolean {
  const { shares, ratio, alpha, difference, looks } = options;
  const control = { events: 0, n: 0 };
  const treatment = { events: 0, n: 0 };
  for (let look = 0; look < looks; look++) {
    for (let i = 0; i < 10; i++) {
      treatment.n += 1;
      if (nextUniform(random) < shares.treatment) treatment.events += 1;
      for (let j = 0; j < ratio; j++) {
        control.n += 1;
        if (nextUniform(random) < shares.control) control.events += 1;
      }
    }
    const evidence = sequentialProportionEvidence(control, treatment, {
      hypothesis: 'at-most',
      difference,
      prior: RARE_SHARE,
    });
    if (evidence >= -Math.log(alpha)) return true;
  }
  return false;
}

describe('sequentialProportionEvidence', () => {
  it.each([
    [1, 0.001, 0],
    [1, 0.05, 0],
    [9, 0.01, 0.01],
    [9, 0.3, 0],
  ])(
    'keeps its level at 1:%d with a share of %d, looked at a hundred times',
    (ratio, share, difference) => {
      const runs = 400;
      let alarms = 0;
      for (let run = 0; run < runs; run++) {
        // On the edge of the hypothesis, where alarms are likeliest.
        const shares = { control: share, treatment: share + difference };
        const options = { shares, ratio, alpha: 0.1, difference, looks: 100 };
        if (everAlarms(options)) alarms += 1;
      }
      expect(alarms / runs).toBeLessThan(0.1);
    },
  );

  it('sees many errors soon, at a level of one in ten thousand', () => {
    const shares = { control: 0.005, treatment: 0.05 };
    const common = { shares, ratio: 9, alpha: 1e-4, difference: 0.01 };
    let seen = 0;
    for (let run = 0; run < 100; run++) {
      if (everAlarms({ ...common, looks: 100 })) seen += 1;
    }
    expect(seen).toBeGreaterThanOrEqual(95);
  });

  it('is the smallest product of likelihood ratios over the hypothesis', () => {
    const control = { events: 3, n: 40 };
    const treatment = { events: 9, n: 30 };
    const likelihood = ({ events, n }: typeof control, share: number) =>
      events * Math.log(share) + (n - events) * Math.log(1 - share);
    let highest = -Infinity;
    for (let i = 1; i < 1_000; i++) {
      for (let j = i + 50; j < 1_000; j += 1) {
        highest = Math.max(
          highest,
          // At least 0.05 apart
          likelihood(control, i / 1_000) + likelihood(treatment, j / 1_000),
        );
        if (j > i + 400) break;
      }
    }
    const options = { hypothesis: 'at-least', difference: 0.05 } as const;
    const at = sequentialProportionEvidence(control, treatment, options);
    const none = sequentialProportionEvidence(control, treatment, {
      hypothesis: 'equal',
      difference: 9 / 30 - 3 / 40,
    });
    expect(at).toBeCloseTo(none, 8);
    expect(at).toBeLessThan(0);
    const mixture =
      at + likelihood(control, 3 / 40) + likelihood(treatment, 0.3);
    expect(mixture - highest).toBeCloseTo(at, 3);
  });

  it('has the probabilities of sequences as an e-value', () => {
    // Over all sequences of two units an arm, the e-value's mean is 1 under a point hypothesis.
    const share = 0.3;
    let mean = 0;
    for (let bits = 0; bits < 16; bits++) {
      const [a, b, c, d] = [
        bits & 1,
        (bits >> 1) & 1,
        (bits >> 2) & 1,
        bits >> 3,
      ];
      const control = { events: a + b, n: 2 };
      const treatment = { events: c + d, n: 2 };
      const events = control.events + treatment.events;
      const probability = share ** events * (1 - share) ** (4 - events);
      mean +=
        probability *
        Math.exp(
          sequentialShareEvidence(control, { hypothesis: 'equal', share }) +
            sequentialShareEvidence(treatment, { hypothesis: 'equal', share }),
        );
    }
    expect(mean).toBeCloseTo(1, 12);
  });

  it('never has evidence against what was found, and is finite at the edges', () => {
    const counts = fc
      .tuple(fc.nat(2_000), fc.nat(2_000))
      .map(([a, b]) => ({ events: Math.min(a, b), n: 1 + Math.max(a, b) }));
    fc.assert(
      fc.property(
        counts,
        counts,
        fc.double({ min: -0.99, max: 0.99, noNaN: true }),
        (control, treatment, difference) => {
          for (const hypothesis of ['equal', 'at-most', 'at-least'] as const) {
            const evidence = sequentialProportionEvidence(control, treatment, {
              hypothesis,
              difference,
            });
            expect(evidence).not.toBeNaN();
            expect(evidence).toBeGreaterThan(-Infinity);
          }
          const options = { alpha: 0.05 };
          const interval = sequentialProportionInterval(
            control,
            treatment,
            options,
          );
          const estimate =
            treatment.events / treatment.n - control.events / control.n;
          expect(interval.lower).toBeLessThanOrEqual(estimate + 1e-6);
          expect(interval.upper).toBeGreaterThanOrEqual(estimate - 1e-6);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('says nothing about arms without units', () => {
    const none = { events: 0, n: 0 };
    expect(
      sequentialProportionEvidence(none, none, { hypothesis: 'equal' }),
    ).toBeCloseTo(0, 12);
    expect(sequentialProportionInterval(none, none, { alpha: 0.05 })).toEqual({
      lower: -1,
      upper: 1,
    });
  });

  it('refuses what is no share, difference or prior', () => {
    const arm = { events: 1, n: 2 };
    expect(() =>
      sequentialProportionEvidence({ events: 3, n: 2 }, arm, {
        hypothesis: 'equal',
      }),
    ).toThrow('Expected 0 <= successes <= trials, got 3 of 2');
    expect(() =>
      sequentialProportionEvidence(arm, arm, {
        hypothesis: 'equal',
        difference: 1,
      }),
    ).toThrow('difference must lie between -1 and 1');
    expect(() =>
      sequentialShareEvidence(arm, { hypothesis: 'equal', share: 2 }),
    ).toThrow('share must lie between 0 and 1');
    const prior = { alpha: 0, beta: 1 };
    expect(() =>
      sequentialShareEvidence(arm, { hypothesis: 'equal', share: 0.5, prior }),
    ).toThrow('prior.alpha');
  });
});

describe('sequentialShareInterval', () => {
  it('lies around the share and narrows with the root of the units', () => {
    const few = sequentialShareInterval(
      { events: 10, n: 100 },
      { alpha: 0.05 },
    );
    const many = sequentialShareInterval(
      { events: 1_000, n: 10_000 },
      { alpha: 0.05 },
    );
    expect(few.lower).toBeLessThan(0.1);
    expect(few.upper).toBeGreaterThan(0.1);
    const ratio = (few.upper - few.lower) / (many.upper - many.lower);
    expect(ratio).toBeGreaterThan(6);
    expect(ratio).toBeLessThan(11);
    expect(
      sequentialShareInterval({ events: 0, n: 50 }, { alpha: 0.05 }).lower,
    ).toBe(0);
  });
});
