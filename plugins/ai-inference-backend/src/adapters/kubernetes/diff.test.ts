import { describeDifference, differences } from './diff';

describe('differences', () => {
  const wanted = {
    spec: {
      replicas: 2,
      containers: [
        {
          name: 'main',
          image: 'a:2',
          resources: { cpu: '0.5', memory: '1Gi' },
        },
      ],
    },
  };

  it('are none where the cluster has filled in what is not named, in its own words and order', () => {
    expect(
      differences(wanted, {
        status: { replicas: 1 },
        spec: {
          replicas: 2,
          paused: false,
          containers: [
            { name: 'side' },
            {
              name: 'main',
              image: 'a:2',
              terminationMessagePath: '/dev/null',
              resources: { cpu: '500m', memory: '1024Mi' },
            },
          ],
        },
      }),
    ).toEqual([]);
    expect(differences({ emptyDir: {}, list: [] }, {})).toEqual([]);
  });

  it('are what was changed, and what is missing, by name', () => {
    const found = differences(wanted, {
      spec: {
        replicas: 3,
        containers: [{ name: 'main', image: 'a:1', resources: { cpu: '1' } }],
      },
    });
    expect(found.map(({ path }) => path)).toEqual([
      'spec.replicas',
      'spec.containers[main].image',
      'spec.containers[main].resources.cpu',
      'spec.containers[main].resources.memory',
    ]);
    expect(describeDifference(found[0])).toBe('spec.replicas is 3 and not 2');
  });

  it('are where a list without names has another length', () => {
    expect(differences({ drop: ['ALL'] }, { drop: [] })).toHaveLength(1);
    expect(differences({ drop: ['ALL'] }, { drop: ['ALL'] })).toEqual([]);
  });

  it('show no long value', () => {
    const [found] = differences({ 'a/b': 'x'.repeat(500) }, {});
    const text = describeDifference(found);
    expect(text.length).toBeLessThan(150);
    expect(text).toMatch(/^\['a\/b'\] is missing and not "xx/);
  });
});
