import { CANARY, EXAMPLES, IMMEDIATE } from './__testUtils__/examples';
import { parseManifest, printManifest } from '.';
import { findNotInForce } from './notInForce';

const place = { environment: 'production', model: 'digits' };
const LEAVE = 'leave it out';
const CHOOSE = 'choose immediate or canary';

describe('what is not in force yet', () => {
  it('is nothing of a canary by weights, nor of an immediate rollout', () => {
    expect(findNotInForce(CANARY.spec)).toEqual([]);
    expect(findNotInForce(IMMEDIATE.spec)).toEqual([]);
  });

  it.each([
    [
      'analysed canary',
      [
        `spec.rollout.steps.2.analysisSeconds: this release does not act on it, it analyses nothing between steps: ${LEAVE}`,
        `spec.analysis: this release does not act on it, it analyses nothing between steps: ${LEAVE}`,
      ],
    ],
    [
      'experiment',
      [
        `spec.rollout.strategy: this release does not act on 'experiment', it runs no experiments: ${CHOOSE}`,
        `spec.analysis: this release does not act on it, it analyses nothing between steps: ${LEAVE}`,
      ],
    ],
    [
      'shadow',
      [
        expect.stringContaining("act on 'shadow', it copies no"),
        expect.anything(),
      ],
    ],
    [
      'adaptive',
      [
        expect.stringContaining("act on 'adaptive', it lets"),
        expect.anything(),
      ],
    ],
    [
      'everything else',
      [
        'outcomes',
        'recentRows',
        'replicas',
        'resources',
        'automatedPromotion',
      ].map(section =>
        expect.stringMatching(
          new RegExp(`^spec.${section}: this release does not .*: ${LEAVE}$`),
        ),
      ),
    ],
  ])('is refused with a sentence for each field: %s', (name, sentences) => {
    expect(findNotInForce(EXAMPLES[name].spec)).toEqual(sentences);
    expect(() => parseManifest(printManifest(EXAMPLES[name]), place)).toThrow(
      /digits\.yaml: spec\..*this release does not act on/,
    );
  });
});
