import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
    resources: { requests?: object; limits?: Record<string, string> };
    ports: { name: string; containerPort: number }[];
  }[];
  volumes: {
    name: string;
    emptyDir?: object;
    secret?: { secretName: string };
  }[];
}
const settingsOf = (values: object) => {
  const { data = {} } = find(helm.template(values), 'ConfigMap', 'config');
  return parse(data['app-config.chart.yaml']);
};

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
      'two who would run the data planes of an environment',
      {
        environments: [{ name: 'production', deployer: 'local' }],
      },
      'dataPlanes.production and the deployer local of that environment would both run its data planes',
    ],
    [
      'two of whom one is the cluster',
      {
        environments: [
          {
            name: 'production',
            deployer: { kind: 'kubernetes', namespace: 'models', image: 'x' },
          },
        ],
      },
      'expected one of them; dataPlanes.production: null takes',
    ],
    [
      'data planes that ask for certificates where the playground has none',
      {
        dataPlanes: {
          production: {
            ...NEEDED.dataPlanes.production,
            tls: { existingSecret: 'tls', clientCertificates: true },
          },
        },
      },
      'dataPlanes.production.tls.clientCertificates needs controlPlane.dataPlaneCertificates.existingSecret',
    ],
    [
      'metrics that no API server would ask for',
      {
        controlPlane: {
          ...NEEDED.controlPlane,
          autoscalerMetrics: { existingSecret: 'tls', port: 7007 },
        },
      },
      [
        '  - controlPlane.autoscalerMetrics.caBundle is not set: expected who has signed the certificate, or the cluster trusts nobody',
        '  - controlPlane.autoscalerMetrics needs controlPlane.rbac.deployer: autoscalers of this cluster ask for the data planes that the control plane runs in it',
        "  - controlPlane.autoscalerMetrics.port is 7007, which is the portal's: expected another",
      ].join('\n'),
    ],
    [
      'metrics at the port of data planes',
      {
        ...EVERYTHING,
        controlPlane: {
          ...EVERYTHING.controlPlane,
          autoscalerMetrics: {
            ...EVERYTHING.controlPlane.autoscalerMetrics,
            port: 7443,
          },
        },
      },
      "controlPlane.autoscalerMetrics.port is 7443, which is controlPlane.dataPlaneEntrance's",
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

  it('gives rights to try versions and to train in their namespaces, and to see what is free, to those who ask for them', () => {
    const { controlPlane } = NEEDED;
    const rbac = {
      trialNamespace: 'trials',
      trainingNamespace: 'training',
      capacity: true,
      trainingRuntimes: true,
    };
    const objects = helm.template({
      ...NEEDED,
      controlPlane: { ...controlPlane, rbac },
    });
    expect(kindsOf(objects).filter(name => /Role/.test(name))).toEqual([
      'ClusterRole models-test-greenroom-capacity',
      'ClusterRole models-test-greenroom-training-runtimes',
      'ClusterRoleBinding models-test-greenroom-capacity',
      'ClusterRoleBinding models-test-greenroom-training-runtimes',
      'Role test-greenroom-training',
      'Role test-greenroom-trials',
      'RoleBinding test-greenroom-training',
      'RoleBinding test-greenroom-trials',
    ]);
    const roles = objects.filter(({ kind }) => kind === 'Role');
    expect(
      roles.map(({ metadata }) => [metadata.name, metadata.namespace]),
    ).toEqual(
      expect.arrayContaining([
        ['test-greenroom-trials', 'trials'],
        ['test-greenroom-training', 'training'],
      ]),
    );
    // Training is tested with the rights that its page asks for.
    const page = readFileSync(
      join(CHART, '../../../docs/how-to/train-on-kubernetes.md'),
      'utf8',
    );
    const [role, clusterRole] = page.match(
      /apiVersion: rbac[\s\S]*?(?=\n```)/g,
    ) as string[];
    const training = roles.find(
      ({ metadata }) => metadata.namespace === 'training',
    );
    expect(training?.rules).toEqual(parse(role).rules);
    const runtimes = find(objects, 'ClusterRole', 'training-runtimes');
    expect(runtimes.rules).toEqual(parse(clusterRole).rules);
  });

  it('takes a data plane of the defaults away, as where the control plane runs them', () => {
    const objects = helm.template({
      ...NEEDED,
      environments: [{ name: 'production', deployer: { kind: 'kubernetes' } }],
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
        // Nobody is sent to it any more when it hears that it is to end.
        expect(container).toHaveProperty('lifecycle.preStop.sleep.seconds', 5);
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
    const chart = settingsOf(EVERYTHING);
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

  it('waits longer for the end of pods than that takes, with the time in which they are not told', () => {
    const objects = helm.template({
      ...NEEDED,
      controlPlane: {
        ...NEEDED.controlPlane,
        terminationGracePeriodSeconds: 60,
      },
      dataPlane: {
        ...NEEDED.dataPlane,
        lameDuckSeconds: 20,
        drainSeconds: 60,
      },
    });
    const graceOf = (name: string) => find(objects, 'Deployment', name).spec;
    const grace = 'template.spec.terminationGracePeriodSeconds';
    expect(graceOf('control-plane')).toHaveProperty(grace, 65);
    expect(graceOf('data-plane-production')).toHaveProperty(grace, 100);
  });

  it('leaves the control plane as much memory as it needs while a version is tried', () => {
    const { limits } = podOf(
      find(helm.template(NEEDED), 'Deployment', 'control-plane'),
    ).containers[0].resources;
    const { maxMemoryMiB } = settingsOf(NEEDED).aiRegistry.trial;
    expect(limits?.memory).toBe('2Gi');
    // What one without load needs, and as much again.
    expect(maxMemoryMiB).toBeLessThanOrEqual(2 * 1_024 - 1_024);
  });

  it('has the playground trust what is said for data planes, and what the entrance has for nobody else', () => {
    const ofEntrance = {
      ...NEEDED,
      controlPlane: {
        ...NEEDED.controlPlane,
        dataPlaneEntrance: { existingSecret: 'entrance-tls' },
      },
      dataPlane: {
        ...NEEDED.dataPlane,
        controlPlane: { tlsSecret: 'data-plane-tls' },
      },
    };
    expect(settingsOf(ofEntrance)).not.toHaveProperty('aiInference');
    const ofData = (dataPlanes: object) =>
      settingsOf({
        ...NEEDED,
        controlPlane: {
          ...NEEDED.controlPlane,
          dataPlaneCertificates: { existingSecret: 'playground-tls' },
        },
        dataPlanes,
      }).aiInference.dataPlane.certificates;
    const caFile = '/etc/greenroom/data-plane-tls/ca.crt';
    expect(ofData(NEEDED.dataPlanes)).toEqual({ caFile });
    expect(
      ofData({
        production: {
          ...NEEDED.dataPlanes.production,
          tls: { existingSecret: 'models-tls', clientCertificates: true },
        },
      }),
    ).toEqual({
      caFile,
      certFile: '/etc/greenroom/data-plane-tls/tls.crt',
      keyFile: '/etc/greenroom/data-plane-tls/tls.key',
    });
  });

  it('lets API servers ask for what autoscalers need, at a port of its own', () => {
    const objects = helm.template(EVERYTHING);
    expect(settingsOf(EVERYTHING).aiInference.kubernetes.metrics).toEqual({
      port: 7444,
      certFile: '/etc/greenroom/metrics-tls/tls.crt',
      keyFile: '/etc/greenroom/metrics-tls/tls.key',
    });
    const [deployment, job] = [
      find(objects, 'Deployment', 'control-plane'),
      find(objects, 'Job'),
    ].map(podOf);
    expect(deployment.automountServiceAccountToken).toBe(true);
    expect(deployment.containers[0].ports).toContainEqual({
      name: 'metrics',
      containerPort: 7444,
      protocol: 'TCP',
    });
    // Plugins look at their files when they are made, also where they only migrate.
    for (const pod of [deployment, job]) {
      expect(pod.volumes).toContainEqual({
        name: 'metrics-tls',
        secret: { secretName: 'metrics-tls' },
      });
      expect(pod.containers[0].volumeMounts).toContainEqual({
        name: 'metrics-tls',
        mountPath: '/etc/greenroom/metrics-tls',
        readOnly: true,
      });
    }
    expect(find(objects, 'APIService').spec).toMatchObject({
      group: 'external.metrics.k8s.io',
      service: {
        name: 'test-greenroom-metrics',
        namespace: 'models',
        port: 443,
      },
      caBundle: Buffer.from('an authority').toString('base64'),
    });
    expect(find(objects, 'Service', 'metrics').spec).toMatchObject({
      selector: { 'app.kubernetes.io/component': 'control-plane' },
      ports: [{ port: 443, targetPort: 'metrics' }],
    });
    expect(find(objects, 'NetworkPolicy', 'control-plane').spec).toHaveProperty(
      'ingress.0.ports',
      [
        { port: 'http', protocol: 'TCP' },
        { port: 'data-planes', protocol: 'TCP' },
        { port: 'metrics', protocol: 'TCP' },
      ],
    );
    const subjects = [
      {
        kind: 'ServiceAccount',
        name: 'test-greenroom-control-plane',
        namespace: 'models',
      },
    ];
    expect(
      find(objects, 'ClusterRoleBinding', 'greenroom-metrics'),
    ).toMatchObject({
      roleRef: { name: 'system:auth-delegator' },
      subjects,
    });
    expect(find(objects, 'RoleBinding', 'metrics')).toMatchObject({
      metadata: { namespace: 'kube-system' },
      roleRef: { name: 'extension-apiserver-authentication-reader' },
      subjects,
    });
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
