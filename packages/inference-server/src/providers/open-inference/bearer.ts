import type { Secrets } from '../../secrets/Secrets';

/**
 * What proves who calls: a header of HTTP, or metadata of gRPC.
 *
 * @throws SecretError when the secret is not there
 */
export async function bearer(
  secrets: Secrets,
  secret: string | undefined,
): Promise<Record<string, string>> {
  if (secret === undefined) return {};
  return { authorization: `Bearer ${await secrets.getLine(secret)}` };
}
