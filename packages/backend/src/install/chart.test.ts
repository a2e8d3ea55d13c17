import { rmSync } from 'node:fs';
import { parse } from 'yaml';
import { CHART, Helm, NEEDED, type Rendered } from './__testUtils__/helm';
import { EVERYTHING, ON_A_BUCKET } from './__testUtils__/valueSets';

const helm = new Helm();
afterAll(() => rmSync(helm.folder, { recursive: true, force: true }));

const find = (objects: Rendered[], kind: string, name?: string) => {
  const found = objects.find(
    object =>
      object.kind === kind && (!name || object.metadata.name.endsWith(name)),
  );
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
};
const kindsOf = (objects: Rendered[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

/** Pods that an object makes. */
const podOf = ({ spec }: Rendered) =>
  (spec as { template: { spec: PodSpec } }).template.spec;
interface PodSpec {
  securityContext: object;
  automountServiceAccountToken: boolean;
  containers: {
    image: string;
    env: { name: string; value?: string; valueFrom?: object }[];
    volumeMounts: { name: string; mountPath: string }[];
    securityContext: object;
    resources: { requests?: object; limits?: object };
  }[];
  volumes: { name: string; emptyDir?: object }[];
}

describe('the chart', () => {
  it.each([
    ['what is needed', NEEDED],
    ['everything', EVERYTHING],
    ['a bucket and GitHub', ON_A_BUCKET],
  ])('has nothing that Helm finds wrong, with %s', (_name, values) => {
    const { stdout, stderr } = helm.run(
      'lint',
      CHART,
      '--strict',
      '--values',
      helm.write(values),
    );
    expect(`${stdout}${stderr}`).toContain(
      '1 chart(s) linted, 0 chart(s) failed',
    );
  });

  it('says all that is missing at once', () => {
    expect(() => helm.template({})).toThrow(
      [
        'This cannot be installed yet:',
        '  - adminGroups is not set',
        '  - controlPlane.existingSecret is not set',
        '  - controlPlane.image.repository is not set',
        '  - database.existingSecret is not set',
        '  - database.host is not set',
        '  - url is not set',
        '  - dataPlane.image.repository is not set',
        '  - dataPlanes.production.tokenSecret.name is not set: expected a Secret of its own',
      ].join('\n'),
    );
  });

  it.each<[string, object, string]>([
    [
      'a name that is not known',
      { controlPlane: { ...NEEDED.controlPlane, replica: 2 } },
      "'/controlPlane': additional properties 'replica' not allowed",
    ],
    [
      'one of a data plane',
      { dataPlanes: { production: { replcas: 2 } } },
      "'/dataPlanes/production': additional properties 'replcas' not allowed",
    ],
    [
      'a text in the place of a number',
      { database: { ...NEEDED.database, port: 'x' } },
      "'/database/port': got string, want integer",
    ],
    [
      'an address that is none',
      { url: 'portal' },
      "'/url': 'portal' does not match",
    ],
    [
      'another kind of store',
      { artifacts: { type: 'nfs' } },
      "'/artifacts/type': value must be one of 'volume', 's3'",
    ],
    [
      'a password in the place of a Secret',
      { database: { ...NEEDED.database, password: 'p' } },
      "'/database': additional properties 'password' not allowed",
    ],
  ])('refuses %s by its name', (_name, values, message) => {
    expect(() => helm.template({ ...NEEDED, ...values })).toThrow(message);
  });

  it.each<[string, object, string]>([
    [
      'artifacts that would be lost',
      {
        controlPlane: {
          ...NEEDED.controlPlane,
          persistence: { enabled: false },
        },
      },
      'persistence.enabled is false: expected artifacts.type s3',
    ],
    [
      'several control planes with a volume of one node',
      { controlPlane: { ...NEEDED.controlPlane, replicas: 2 } },
      'controlPlane.replicas is 2: expected controlPlane.persistence.accessModes [ReadWriteMany]',
    ],
    [
      'data planes of no environment',
      { dataPlanes: { staging: { tokenSecret: { name: 's' } } } },
      'dataPlanes.staging is of no environment: expected one of environments (production)',
    ],
    [
      'data planes that have nothing to show where certificates are asked for',
      {
        controlPlane: {
          ...NEEDED.controlPlane,
          dataPlaneEntrance: { existingSecret: 'tls' },
        },
      },
      'dataPlanes.production.controlPlane.tlsSecret is not set',
    ],
  ])('refuses %s', (_name, values, message) => {
    expect(() => helm.template({ ...NEEDED, ...values })).toThrow(message);
  });

  it('makes what is needed, and no more', () => {
    expect(kindsOf(helm.template(NEEDED))).toEqual([
      'ConfigMap test-greenroom-config',
      'ConfigMap test-greenroom-migrations',
      'Deployment test-greenroom-control-plane',
      'Deployment test-greenroom-data-plane-production',
      'Job test-greenroom-migrations',
      'NetworkPolicy test-greenroom-control-plane',
      'NetworkPolicy test-greenroom-data-plane-production',
      'PersistentVolumeClaim test-greenroom-control-plane-data',
      'PodDisruptionBudget test-greenroom-data-plane-production',
      'Service test-greenroom-control-plane',
      'Service test-greenroom-data-plane-production',
      'ServiceAccount test-greenroom-control-plane',
    ]);
  });

  it('takes a data plane of the defaults away', () => {
    const objects = helm.template({
      ...NEEDED,
      dataPlanes: { production: null },
    });
    expect(kindsOf(objects).join()).not.toContain('data-plane-production');
  });

  it.each([
    ['what is needed', NEEDED],
    ['everything', EVERYTHING],
    ['a bucket and GitHub', ON_A_BUCKET],
  ])('has pods that may do nothing they need not, with %s', (_name, values) => {
    const running = helm
      .template(values)
      .filter(({ kind }) => ['Deployment', 'Job'].includes(kind));
    expect(running.length).toBeGreaterThan(2);
    for (const object of running) {
      const pod = podOf(object);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources.limits).toHaveProperty('memory');
        expect(container.resources.requests).toHaveProperty('cpu');
        const written = container.volumeMounts.map(
          ({ mountPath }) => mountPath,
        );
        expect(written).toEqual(
          expect.arrayContaining(['/tmp', '/var/lib/greenroom']),
        );
        if (object.kind !== 'Deployment') continue;
        expect(container).toHaveProperty('startupProbe.httpGet');
        expect(container).toHaveProperty('readinessProbe.httpGet');
        expect(container).toHaveProperty('livenessProbe.httpGet');
      }
    }
  });

  it('has no secret in it, only where secrets lie', () => {
    const { env } = podOf(
      find(helm.template(NEEDED), 'Deployment', 'control-plane'),
    ).containers[0];
    for (const name of [
      'POSTGRES_PASSWORD',
      'GREENROOM_DATA_PLANE_TOKEN_PRODUCTION',
    ]) {
      expect(env.find(variable => variable.name === name)).toHaveProperty(
        'valueFrom.secretKeyRef',
      );
    }
  });

  it('gives the control plane the tokens of its data planes, and has it migrate nothing', () => {
    const { data = {} } = find(
      helm.template(EVERYTHING),
      'ConfigMap',
      'config',
    );
    const chart = parse(data['app-config.chart.yaml']);
    expect(
      chart.backend.auth.externalAccess.map(
        ({ options }: { options: { name?: string; token?: string } }) =>
          options.name && [options.name, options.token],
      ),
    ).toEqual([
      undefined,
      ['data-plane-production', '${GREENROOM_DATA_PLANE_TOKEN_PRODUCTION}'],
      ['data-plane-staging-eu', '${GREENROOM_DATA_PLANE_TOKEN_STAGING_EU}'],
      undefined,
    ]);
    expect(chart.backend.database.skipMigrations).toBe(true);
  });

  it('gives each environment what is its own', () => {
    const objects = helm.template(EVERYTHING);
    const { spec } = find(objects, 'Deployment', 'data-plane-staging-eu');
    expect(spec).toMatchObject({
      replicas: 3,
      selector: {
        matchLabels: { 'greenroom.dev/environment': 'staging-eu' },
      },
    });
    const production = find(objects, 'Deployment', 'data-plane-production');
    // The autoscaler's.
    expect(production.spec).not.toHaveProperty('replicas');
    expect(podOf(production).containers[0].env).toEqual(
      expect.arrayContaining([
        {
          name: 'GREENROOM_TLS_CERT_FILE',
          value: '/etc/greenroom/tls/tls.crt',
        },
        {
          name: 'GREENROOM_TLS_CLIENT_CA_FILE',
          value: '/etc/greenroom/tls/ca.crt',
        },
        {
          name: 'GREENROOM_CONTROL_PLANE_URL',
          value: 'https://test-greenroom-control-plane.models.svc:7443',
        },
        {
          name: 'GREENROOM_CONTROL_PLANE_KEY_FILE',
          value: '/etc/greenroom/control-plane-tls/tls.key',
        },
      ]),
    );
  });

  it('waits longer for the end of a data plane than that takes', () => {
    const { spec } = find(
      helm.template({
        ...NEEDED,
        dataPlane: {
          ...NEEDED.dataPlane,
          lameDuckSeconds: 20,
          drainSeconds: 60,
        },
      }),
      'Deployment',
      'data-plane-production',
    );
    expect(spec).toHaveProperty(
      'template.spec.terminationGracePeriodSeconds',
      95,
    );
  });

  it('replaces a control plane whose volume one node mounts, and surges others', () => {
    const strategyOf = (values: object) =>
      find(helm.template(values), 'Deployment', 'control-plane').spec;
    expect(strategyOf(NEEDED)).toMatchObject({
      strategy: { type: 'Recreate' },
    });
    expect(strategyOf(ON_A_BUCKET)).toMatchObject({
      replicas: 2,
      strategy: { type: 'RollingUpdate' },
    });
  });
});
