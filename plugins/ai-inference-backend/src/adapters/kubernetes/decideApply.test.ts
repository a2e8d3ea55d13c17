import type { NamedObject } from '@greenroom/cluster-client';
import { type ActualObject, decideApply } from './decideApply';
import { APPLIED_ANNOTATION, INSTALLATION_LABEL } from './objects';

function object(
  replicas: number,
  { mark = 'a', installation = 'test' } = {},
): NamedObject & ActualObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'greenroom-live',
      namespace: 'models',
      labels: { [INSTALLATION_LABEL]: installation },
      annotations: { [APPLIED_ANNOTATION]: mark },
      generation: 7,
    },
    spec: { replicas },
  } as NamedObject & ActualObject;
}

describe('decideApply', () => {
  const wanted = object(2);

  it('makes what is not there, and takes nothing from anybody for it', () => {
    expect(decideApply({ wanted, actual: undefined, drift: 'repair' })).toEqual(
      { act: 'apply', force: false },
    );
  });

  it('does nothing where it is as wanted', () => {
    expect(decideApply({ wanted, actual: object(2), drift: 'repair' })).toEqual(
      { act: 'nothing' },
    );
  });

  it.each([
    ['repair', { act: 'apply', force: true }],
    [
      'report',
      {
        act: 'report',
        found: [{ path: 'spec.replicas', wanted: 2, actual: 5 }],
      },
    ],
  ] as const)(
    'with drift %s, of what somebody else has changed',
    (drift, decision) => {
      expect(decideApply({ wanted, actual: object(5), drift })).toEqual(
        decision,
      );
    },
  );

  it('applies another wish with drift report, too, without taking fields of others', () => {
    const actual = object(5, { mark: 'of an earlier wish' });
    expect(decideApply({ wanted, actual, drift: 'report' })).toEqual({
      act: 'apply',
      force: false,
    });
  });

  it('does not repeat what the cluster writes in another way', () => {
    expect(
      decideApply({
        wanted,
        actual: object(5),
        drift: 'repair',
        settledAt: 'generation 7',
      }),
    ).toEqual({ act: 'nothing' });
    expect(
      decideApply({
        wanted,
        actual: object(5),
        drift: 'repair',
        settledAt: 'generation 6',
      }),
    ).toMatchObject({ act: 'apply' });
  });

  it('puts right what it is called, too, which no version counts', () => {
    const labelled = object(2);
    labelled.metadata.labels = { ...labelled.metadata.labels, team: 'vision' };
    expect(
      decideApply({
        wanted: labelled,
        actual: object(2),
        drift: 'report',
        settledAt: 'generation 7',
      }),
    ).toEqual({
      act: 'report',
      found: [
        { path: 'metadata.labels.team', wanted: 'vision', actual: undefined },
      ],
    });
  });

  it.each([
    [undefined, 'is there already, and was not made by a portal'],
    ['another', "was made by the portal 'another'"],
  ])('never touches what is of %s', (installation, why) => {
    const actual = object(2, { installation });
    if (installation === undefined) delete actual.metadata.labels;
    expect(decideApply({ wanted, actual, drift: 'repair' })).toEqual({
      act: 'refuse',
      reason: `Deployment models/greenroom-live ${why}: remove it, or choose another namespace`,
    });
  });
});
