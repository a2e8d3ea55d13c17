import type { DataPlaneLoad } from '@greenroom/plugin-ai-inference-common';
import { listValues, parseQuery, parseSelector } from './externalMetrics';

const load = (meanRequestsInFlight?: number): DataPlaneLoad => ({
  requestsInFlight: 0,
  requestsPerSecond: 0,
  cpuShare: 0,
  memoryBytes: 0,
  ...(meanRequestsInFlight !== undefined && { meanRequestsInFlight }),
});
const said = (value: number | undefined, second: number) => ({
  load: load(value),
  lastSeenAt: `2026-05-03T12:00:0${second}.000Z`,
});
const environment = {
  environment: 'production',
  installation: 'greenroom',
  namespace: 'models',
  silent: 0,
};
const query = {
  metric: 'greenroom_requests_in_flight' as const,
  namespace: 'models',
  selected: { 'greenroom.dev/environment': 'production' },
};

describe('listValues', () => {
  it('adds up what the data planes of an environment have, as of the one that spoke longest ago', () => {
    const { items } = listValues(
      [{ ...environment, loads: [said(1.2345, 2), said(3, 1)] }],
      query,
    );
    expect(items).toEqual([
      {
        metricName: 'greenroom_requests_in_flight',
        metricLabels: {
          'greenroom.dev/environment': 'production',
          'greenroom.dev/installation': 'greenroom',
        },
        timestamp: '2026-05-03T12:00:01.000Z',
        value: '4235m',
      },
    ]);
  });

  it('tells nothing of an environment whose data planes tell nothing: that is not zero', () => {
    const silent = { ...environment, loads: [] };
    const old = { ...environment, loads: [said(undefined, 1)] };
    expect(listValues([silent, old], query).items).toEqual([]);
  });

  it('takes those that are late to have as much as the others', () => {
    const { items } = listValues(
      [
        {
          ...environment,
          loads: [said(16, 1), said(8, 1), said(undefined, 1)],
          silent: 1,
        },
      ],
      query,
    );
    expect(items[0].value).toBe('48000m');
  });

  it.each([
    ['of another namespace', { namespace: 'others' }],
    [
      'of another environment',
      { selected: { 'greenroom.dev/environment': 'dev' } },
    ],
    [
      'of another portal',
      { selected: { 'greenroom.dev/installation': 'other' } },
    ],
    ['with a label that there is none of', { selected: { team: 'vision' } }],
  ])('tells nothing %s', (_, change) => {
    const { items } = listValues([{ ...environment, loads: [said(1, 1)] }], {
      ...query,
      ...change,
    });
    expect(items).toEqual([]);
  });
});

describe('parseSelector', () => {
  it('reads labels that are to have a value', () => {
    expect(parseSelector('greenroom.dev/environment=production, a==b')).toEqual(
      { 'greenroom.dev/environment': 'production', a: 'b' },
    );
    expect(parseSelector(undefined)).toEqual({});
  });

  it.each(['a in (b,c)', 'a!=b', '!a', 'a'])(
    'does not overlook %j',
    selector => {
      expect(parseSelector(selector)).toBeUndefined();
    },
  );
});

describe('parseQuery', () => {
  it('reads what an autoscaler asks', () => {
    expect(
      parseQuery(
        '/apis/external.metrics.k8s.io/v1beta1/namespaces/models/greenroom_requests_queued?labelSelector=a%3Db',
      ),
    ).toEqual({
      ask: 'values',
      namespace: 'models',
      metric: 'greenroom_requests_queued',
      selector: 'a=b',
    });
  });

  it.each([
    '/',
    '/apis/external.metrics.k8s.io/v1beta2',
    '/apis/external.metrics.k8s.io/v1beta1/namespaces/models',
    '/apis/external.metrics.k8s.io/v1beta1/namespaces//x',
    '/apis/external.metrics.k8s.io/v1beta1/namespaces/a/b/c',
  ])('knows no %s', path => expect(parseQuery(path)).toBeUndefined());
});
