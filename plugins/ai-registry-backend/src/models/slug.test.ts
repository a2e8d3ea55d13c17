import { MODEL_NAME_PATTERN } from '@greenroom/plugin-ai-registry-common';
import fc from 'fast-check';
import { slugsOf } from './slug';

describe('slugsOf', () => {
  it.each([
    ['iris', ['iris', 'iris-2', 'iris-3']],
    ['Iris Classifier (v2)', ['iris-classifier-v2', 'iris-classifier-v2-2']],
    ['main.vision/Größe_1', ['main-vision-gro-e-1']],
    ['Ärger', ['arger']],
    ['模型', ['model', 'model-2']],
    ['--', ['model']],
    ['x'.repeat(80), ['x'.repeat(63), `${'x'.repeat(61)}-2`]],
  ])('of %s', (externalName, expected) => {
    const slugs = [];
    for (const slug of slugsOf(externalName)) {
      slugs.push(slug);
      if (slugs.length === expected.length) break;
    }
    expect(slugs).toEqual(expected);
  });

  it('are names of models, each another one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), externalName => {
        const slugs = [...slugsOf(externalName)];
        expect(new Set(slugs).size).toBe(slugs.length);
        expect(slugs.every(slug => MODEL_NAME_PATTERN.test(slug))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
