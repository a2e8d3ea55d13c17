import type { KubernetesDeployerSettings } from '@greenroom/plugin-ai-registry-common';
import type {
  V1Deployment,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import type { NamedObject } from '@greenroom/cluster-client';
import {
  APPLIED_ANNOTATION,
  ENVIRONMENT_LABEL,
  INSTALLATION_LABEL,
  KINDS,
  runningObjects,
  standingObjects,
  tokenSecret,
  type WantedDataPlane,
} from './objects';

const SETTINGS: KubernetesDeployerSettings = {
  kind: 'kubernetes',
  namespace: 'models',
  image: 'example/data-plane:1',
  replicas: { min: 2, max: 2 },
  resources: { cpu: '500m', memory: '1Gi' },
  scaleOn: { cpuPercent: 70 },
  drift: 'repair',
};

function wanted(
  change: Partial<KubernetesDeployerSettings> = {},
): WantedDataPlane {
  return {
    environment: 'live',
    installation: 'test',
    settings: { ...SETTINGS, ...change },
    controlPlaneUrl: 'https://portal.example',
    publicUrl: 'https://models.example',
  };
}

function all(of: WantedDataPlane): NamedObject[] {
  return [
    ...standingObjects(of),
    tokenSecret(of, { name: 'data-plane.live.1', secret: 'grt_secret' }),
    ...runningObjects(of),
  ];
}

function deploymentOf(of: WantedDataPlane): V1Deployment {
  return runningObjects(of).find(({ kind }) => kind === 'Deployment')!;
}

function marksOf(of: WantedDataPlane): Record<string, string> {
  return Object.fromEntries(
    [...standingObjects(of), ...runningObjects(of)].map(object => [
      object.kind,
      Object(object.metadata).annotations[APPLIED_ANNOTATION],
    ]),
  );
}

describe('the objects of an environment', () => {
  const scaled = wanted({ replicas: { min: 2, max: 6 } });

  it('are all found again by their labels and kinds', () => {
    const objects = all(scaled);
    for (const { metadata } of objects) {
      expect(metadata.namespace).toBe('models');
      expect(metadata.labels).toMatchObject({
        [ENVIRONMENT_LABEL]: 'live',
        [INSTALLATION_LABEL]: 'test',
      });
    }
    const kindOf = ({
      apiVersion,
      kind,
    }: {
      apiVersion: string;
      kind: string;
    }) => `${apiVersion} ${kind}`;
    expect(objects.map(kindOf).sort()).toEqual(KINDS.map(kindOf).sort());
  });

  it('have marks that change with the wish for them alone', () => {
    const before = marksOf(wanted());
    expect(marksOf(wanted())).toEqual(before);
    const { Deployment, ...others } = marksOf(wanted({ image: 'other:2' }));
    const { Deployment: old, ...same } = before;
    expect(Deployment).not.toBe(old);
    expect(others).toEqual(same);
  });

  it('hold the token in its Secret and nowhere else', () => {
    const inSecret = Buffer.from('grt_secret').toString('base64');
    const holding = all(wanted()).filter(object =>
      JSON.stringify(object).match(`grt_secret|${inSecret}`),
    );
    expect(holding.map(({ kind }) => kind)).toEqual(['Secret']);
  });

  it('leave the number of pods to the autoscaler where there is one', () => {
    expect(deploymentOf(wanted()).spec?.replicas).toBe(2);
    expect(deploymentOf(scaled).spec).not.toHaveProperty('replicas');
    const autoscaler = runningObjects(scaled).find(
      ({ kind }) => kind === 'HorizontalPodAutoscaler',
    ) as V2HorizontalPodAutoscaler;
    expect(autoscaler.spec).toMatchObject({ minReplicas: 2, maxReplicas: 6 });
    expect(runningObjects(wanted()).map(({ kind }) => kind)).not.toContain(
      'HorizontalPodAutoscaler',
    );
  });

  it('leave a pod the time that it takes to end', () => {
    const { template } = deploymentOf(wanted()).spec!;
    const [{ env = [], lifecycle }] = template.spec!.containers;
    const seconds = (name: string) =>
      Number(env.find(variable => variable.name === name)?.value);
    expect(template.spec!.terminationGracePeriodSeconds).toBeGreaterThan(
      lifecycle!.preStop!.sleep!.seconds +
        seconds('GREENROOM_LAME_DUCK_SECONDS') +
        seconds('GREENROOM_DRAIN_SECONDS'),
    );
  });

  it('spread the pods of a revision, whatever the one before has where', () => {
    const { template } = deploymentOf(wanted()).spec!;
    expect(template.spec!.topologySpreadConstraints).toEqual([
      expect.objectContaining({
        topologyKey: 'kubernetes.io/hostname',
        matchLabelKeys: ['pod-template-hash'],
      }),
    ]);
  });

  it('give pods no more than they need', () => {
    const { template } = deploymentOf(wanted()).spec!;
    expect(template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  });
});
