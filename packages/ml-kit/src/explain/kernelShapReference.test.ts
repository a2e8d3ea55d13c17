import reference from '../../fixtures/shap.json';
import { exactShapley } from './exactShapley';
import { kernelShap } from './kernelShap';
import { model } from './__testUtils__/model';

const { background, instance, exact } = reference;
const options = {
  background,
  instance,
  predict: model(
    x =>
      x[0] * x[1] +
      2 * x[2] * x[3] * x[4] +
      Math.max(x[5], x[6]) -
      x[7] +
      Math.tanh(x[8] * x[9] + x[10]) +
      0.5 * x[11],
  ),
};

describe('KernelSHAP beside shap', () => {
  it('explains the same model', async () => {
    const { values } = await exactShapley(options);
    expect(values).toEqual(exact.map(value => expect.closeTo(value, 10)));
  });

  it.each(reference.errors)(
    'is as near to the exact values with $coalitions coalitions',
    async ({ coalitions, rootMeanSquaredError }) => {
      let squares = 0;
      let stated = 0;
      const runs = 12;
      for (let seed = 0; seed < runs; seed++) {
        const result = await kernelShap({ ...options, coalitions, seed });
        expect(result.evaluations).toBeLessThanOrEqual(
          (coalitions + 2) * background.length,
        );
        expect(result.additivityError).toBeLessThan(1e-9);
        for (let i = 0; i < exact.length; i++) {
          squares += (result.values[i] - exact[i]) ** 2 / (runs * exact.length);
          stated += result.standardErrors[i] ** 2 / (runs * exact.length);
        }
      }
      expect(Math.sqrt(squares)).toBeLessThan(1.1 * rootMeanSquaredError);
      // Its own standard errors are honest: not far below, nor far above.
      expect(Math.sqrt(stated / squares)).toBeGreaterThan(0.7);
      expect(Math.sqrt(stated / squares)).toBeLessThan(2);
    },
  );
});
