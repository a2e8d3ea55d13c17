import type { RootConfigService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';

export interface WebhookSettings {
  allowPrivateAddresses: boolean;
  httpHosts: string[];
  /** Of which the first encrypts secrets; empty when there are none. */
  encryptionSecrets: string[];
}

const FEWEST_KEY_CHARACTERS = 24;

/** The settings under `aiRegistry.webhooks`. */
export function readWebhookSettings(root: RootConfigService): WebhookSettings {
  const config = root.getOptionalConfig('aiRegistry.webhooks');
  const own = config?.getOptionalString('encryptionKey');
  if (own !== undefined && own.length < FEWEST_KEY_CHARACTERS) {
    throw new InputError(
      `aiRegistry.webhooks.encryptionKey has ${own.length} characters: expected at least ${FEWEST_KEY_CHARACTERS}, such as those that openssl rand -base64 32 prints`,
    );
  }
  const ofBackend = (
    root.getOptionalConfigArray('backend.auth.keys') ?? []
  ).flatMap(key => key.getOptionalString('secret') ?? []);
  return {
    allowPrivateAddresses:
      config?.getOptionalBoolean('allowPrivateAddresses') ??
      process.env.NODE_ENV === 'test',
    httpHosts: config?.getOptionalStringArray('httpHosts') ?? [],
    encryptionSecrets: own === undefined ? ofBackend : [own, ...ofBackend],
  };
}
