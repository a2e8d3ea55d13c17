import { generateKeyPairSync } from 'node:crypto';
import { GitHubStandIn, type StandInOptions } from './GitHubStandIn';

/** Names the file with GitHub's description of its API, which `npm test` sets. */
export const DESCRIPTION_VARIABLE = 'GREENROOM_TEST_GITHUB_OPENAPI';

export interface StartedStandIn {
  github: GitHubStandIn;
  /** As Backstage's `integrations.github[0]`, of a portal that has the App. */
  integration: {
    host: string;
    apiBaseUrl: string;
    apps: {
      appId: number;
      privateKey: string;
      webhookSecret: string;
      clientId: string;
      clientSecret: string;
    }[];
  };
}

let keys: { publicKey: string; privateKey: string } | undefined;

/** A stand-in whose every request and answer is held against GitHub's description. */
export function startForTest(
  options: Omit<StandInOptions, 'description' | 'appPublicKey'>,
): Promise<StartedStandIn> {
  const description = process.env[DESCRIPTION_VARIABLE];
  if (!description) {
    throw new Error(
      `${DESCRIPTION_VARIABLE} is not set: run the test with \`npm test -- jest -- <its name>\`, which fetches GitHub's description of its API`,
    );
  }
  return startStandIn({ ...options, description });
}

/** A stand-in with an App, and what a portal that has the App is configured with. */
export async function startStandIn(
  options: Omit<StandInOptions, 'appPublicKey'>,
): Promise<StartedStandIn> {
  keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const github = await GitHubStandIn.start({
    ...options,
    appPublicKey: keys.publicKey,
  });
  return {
    github,
    integration: {
      host: new URL(github.places.html).host,
      apiBaseUrl: github.places.api,
      apps: [
        {
          appId: github.state.app.id,
          privateKey: keys.privateKey,
          webhookSecret: github.webhooks.secret,
          clientId: 'client',
          clientSecret: 'secret',
        },
      ],
    },
  };
}
