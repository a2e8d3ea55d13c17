import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** Who may call the API server. */
export const IDENTITIES = {
  /** May do everything. */
  admin: { user: 'admin', groups: ['system:masters'] },
  /** May do what a test grants to the user `limited`, and nothing else. */
  limited: { user: 'limited', groups: [] },
  controllers: { user: 'system:kube-controller-manager', groups: [] },
  scheduler: { user: 'system:kube-scheduler', groups: [] },
};

export type Identity = keyof typeof IDENTITIES;

export type Tokens = Record<Identity, string>;

export function makeTokens(): Tokens {
  const token = () => randomBytes(24).toString('hex');
  return {
    admin: token(),
    limited: token(),
    controllers: token(),
    scheduler: token(),
  };
}

/** The file of static tokens, as the API server reads it. */
export function tokenFile(tokens: Tokens): string {
  return Object.entries(IDENTITIES)
    .map(([identity, { user, groups }]) =>
      [
        tokens[identity as Identity],
        user,
        identity,
        `"${groups.join(',')}"`,
      ].join(),
    )
    .map(line => `${line}\n`)
    .join('');
}

/** A key that tokens of service accounts are signed with. */
export function makeSigningKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** A kubeconfig, as YAML, which JSON is a part of. */
export function kubeconfig(options: {
  server: string;
  certificateAuthority: string;
  token: string;
}): string {
  const name = 'test-cluster';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [
      {
        name,
        cluster: {
          server: options.server,
          'certificate-authority': options.certificateAuthority,
        },
      },
    ],
    users: [{ name, user: { token: options.token } }],
  });
}
