import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { SecretError } from '../../secrets/Secrets';
import type { ConnectionParts } from '../ConnectionParts';
import { TokenSource } from '../tokens/TokenSource';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const LIFETIME_SECONDS = 3_600;

const keySchema = z.looseObject({
  client_email: z.string().min(3),
  private_key: z.string().includes('PRIVATE KEY'),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }),
});

type ServiceAccountKey = z.infer<typeof keySchema>;

/** Access tokens for a service account, by a JWT that its key signs (RFC 7523, section 2.1). */
export function serviceAccountTokens(
  reference: string,
  { secrets, upstream }: ConnectionParts,
): TokenSource {
  return new TokenSource({
    upstream,
    request: async () => {
      const key = readKey(await secrets.get(reference), reference);
      const assertion = sign(key, reference);
      return {
        method: 'POST',
        url: new URL(key.token_uri),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion,
        }).toString(),
      };
    },
  });
}

/** @throws SecretError when the private key is damaged, or no RSA key */
function sign(key: ServiceAccountKey, reference: string): string {
  try {
    return jwt.sign({ scope: SCOPE }, key.private_key, {
      algorithm: 'RS256',
      issuer: key.client_email,
      audience: key.token_uri,
      expiresIn: LIFETIME_SECONDS,
      ...(key.private_key_id && { keyid: key.private_key_id }),
    });
  } catch {
    throw new SecretError(
      `the secret ${reference} has a private_key that nothing can be signed with: expected an RSA key, as it was downloaded`,
    );
  }
}

/** @throws SecretError that says nothing of what is in it */
function readKey(text: string, reference: string): ServiceAccountKey {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SecretError(
      `the secret ${reference} is not the JSON of a service account's key`,
    );
  }
  const result = keySchema.safeParse(value);
  if (result.success) return result.data;
  const [{ path }] = result.error.issues;
  throw new SecretError(
    `the secret ${reference} is not a service account's key: it has no ${path.join(
      '.',
    )}`,
  );
}
