import { NEEDED } from './helm';

/** Several control planes: nothing is on a disk of theirs. */
export const ON_A_BUCKET = {
  ...NEEDED,
  environmentsRepository: 'https://github.com/acme/environments',
  artifacts: {
    type: 's3',
    s3: { bucket: 'greenroom', region: 'eu-central-1', useKeys: true },
  },
  controlPlane: {
    ...NEEDED.controlPlane,
    replicas: 2,
    persistence: { enabled: false },
  },
};

/** Every part that can be had. */
export const EVERYTHING = {
  ...NEEDED,
  environments: [{ name: 'staging-eu' }, { name: 'production' }],
  config: { app: { title: 'Models of Acme' } },
  commonLabels: { team: 'platform' },
  imagePullSecrets: [{ name: 'registry' }],
  externalAccess: [
    { type: 'static', options: { token: '${MY_TOKEN}', subject: 'me' } },
  ],
  database: {
    ...NEEDED.database,
    tls: { caSecret: 'postgres-ca' },
  },
  controlPlane: {
    ...NEEDED.controlPlane,
    replicas: 2,
    env: [{ name: 'LOG_LEVEL', value: 'info' }],
    envFrom: [{ configMapRef: { name: 'more' } }],
    persistence: { accessModes: ['ReadWriteMany'], storageClass: 'files' },
    serviceAccount: { annotations: { role: 'greenroom' } },
    rbac: {
      deployer: true,
      namespaces: ['models-a', 'models-b'],
      trialNamespace: 'models-a',
      capacity: true,
    },
    service: { annotations: { of: 'mine' } },
    dataPlaneEntrance: { existingSecret: 'entrance-tls' },
    dataPlaneCertificates: { existingSecret: 'playground-tls' },
    autoscalerMetrics: {
      existingSecret: 'metrics-tls',
      caBundle: Buffer.from('an authority').toString('base64'),
    },
    ingress: {
      enabled: true,
      className: 'nginx',
      tlsSecret: 'portal-tls',
      annotations: { of: 'mine' },
    },
    httpRoute: { enabled: true, parentRefs: [{ name: 'gateway' }] },
    podAnnotations: { of: 'mine' },
    podLabels: { of: 'mine' },
    nodeSelector: { disk: 'fast' },
    tolerations: [{ key: 'platform', operator: 'Exists' }],
    priorityClassName: 'system-cluster-critical',
    extraVolumes: [{ name: 'more', emptyDir: {} }],
    extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
  },
  dataPlane: {
    ...NEEDED.dataPlane,
    controlPlane: { tlsSecret: 'data-plane-tls' },
    env: [{ name: 'GREENROOM_LOG_LEVEL', value: 'debug' }],
    podLabels: { of: 'mine' },
    podAnnotations: { of: 'mine' },
  },
  dataPlanes: {
    production: {
      tokenSecret: { name: 'greenroom-token-production' },
      publicUrl: 'https://models.example.com',
      autoscaling: { enabled: true, maxReplicas: 20 },
      tls: { existingSecret: 'models-tls', clientCertificates: true },
      existingSecret: 'connections',
      image: { digest: `sha256:${'0'.repeat(64)}` },
    },
    'staging-eu': {
      tokenSecret: { name: 'greenroom-token-staging', key: 'value' },
      replicas: 3,
    },
  },
  networkPolicy: {
    metricsFrom: [
      { namespaceSelector: { matchLabels: { name: 'monitoring' } } },
    ],
  },
};
