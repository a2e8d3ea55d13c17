import type { PipelineStop } from '@greenroom/plugin-ai-registry-common';
import { movingDigits, runningDigits } from '../../__testUtils__/serveModel';
import { isMoving, lookAt, type Serving } from './lookAt';

const wantsTwo: PipelineStop = {
  environment: 'production',
  deployment: { ...runningDigits, version: 2 },
};

function serving(...deployments: (typeof movingDigits)[]): Serving {
  return {
    asked: new Set(['digits']),
    byPlace: new Map(
      deployments.map(one => [`${one.environment}/${one.model}`, one]),
    ),
  };
}

describe('lookAt', () => {
  it('marks what serves where that is not what is wanted, and says why', () => {
    expect(lookAt('digits', wantsTwo, serving(movingDigits)).drift).toEqual({
      what: 'Wanted version 2, serving version 1 (90 %) and version 2 (10 %)',
      why: 'Version 2 has 10 % of the traffic',
    });
    const here = {
      ...movingDigits,
      convergence: { state: 'serving' },
    } as const;
    expect(lookAt('digits', wantsTwo, serving(here))).toEqual({
      serving: here,
    });
  });

  it('marks what inference has not heard of yet, as a whole or of the version', () => {
    expect(lookAt('digits', wantsTwo, serving()).drift?.what).toBe(
      'Wanted version 2, nothing serves',
    );
    const wantsThree = {
      ...wantsTwo,
      deployment: { ...runningDigits, version: 3 },
    };
    const here = {
      ...movingDigits,
      convergence: { state: 'serving' },
    } as const;
    expect(lookAt('digits', wantsThree, serving(here)).drift?.what).toBe(
      'Wanted version 3, serving version 1 (90 %) and version 2 (10 %)',
    );
  });

  it('finds nothing wrong with what sleeps, and says nothing of what it does not know', () => {
    const here = {
      ...movingDigits,
      variants: [],
      convergence: {
        state: 'asleep',
        reason: 'Nobody needs it.',
        since: '2026-05-03T10:00:00Z',
      },
    } as const;
    expect(
      lookAt('digits', wantsTwo, serving({ ...here, variants: [] })).drift,
    ).toBeUndefined();
    expect(lookAt('digits', wantsTwo, undefined)).toEqual({});
    expect(lookAt('diabetes', wantsTwo, serving())).toEqual({});
    expect(lookAt('digits', { environment: 'dev' }, serving())).toEqual({});
  });
});

describe('isMoving', () => {
  const model = {
    name: 'digits',
    title: 'Handwritten digits',
    owner: 'group:default/vision-team',
    latestVersion: 2,
  };
  const settled = serving({
    ...movingDigits,
    convergence: { state: 'serving' },
  });

  it('is not so for a model of which every environment runs what is wanted', () => {
    const stops = [{ environment: 'dev' }, wantsTwo];
    expect(isMoving({ model, stops }, settled)).toBe(false);
    expect(isMoving({ model, stops }, serving(movingDigits))).toBe(true);
  });

  it('is so with a promotion under way, and with a manifest that is not applied', () => {
    const promotion = {
      id: 'p-1',
      kind: 'promotion',
      version: 3,
      state: { phase: 'checking' },
      createdAt: '2026-05-03T10:00:00Z',
      gates: [],
    } as const;
    const problem = {
      environment: 'dev',
      model: 'digits',
      path: 'environments/dev/models/digits.yaml',
      message: 'no such version',
      commit: 'abc',
      since: '2026-05-03T10:00:00Z',
    };
    const withStop = (stop: PipelineStop) => ({ model, stops: [stop] });
    expect(
      isMoving(
        withStop({
          environment: 'dev',
          promotion: { ...promotion, gates: [] },
        }),
        settled,
      ),
    ).toBe(true);
    expect(isMoving(withStop({ environment: 'dev', problem }), settled)).toBe(
      true,
    );
  });
});
