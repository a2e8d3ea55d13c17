import type { ConnectionParts } from '../ConnectionParts';
import { TokenSource } from '../tokens/TokenSource';
import type { AzureOpenAiSettings } from './settings';

const SCOPE = 'https://cognitiveservices.azure.com/.default';

/** How a call proves who it is: the key of the resource, or a token of Microsoft Entra ID. */
export type AzureProof =
  | { kind: 'key'; key(): Promise<string> }
  | { kind: 'token'; token(): Promise<string>; renew(): boolean };

export function azureProof(
  { auth }: AzureOpenAiSettings,
  { secrets, upstream }: ConnectionParts,
): AzureProof {
  if (auth.kind === 'key') {
    return { kind: 'key', key: () => secrets.getLine(auth.secret) };
  }
  const { authority, tenantId, clientId } = auth;
  const url = new URL(
    `/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
    authority,
  );
  const source = new TokenSource({
    upstream,
    request: async () => ({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: await secrets.getLine(auth.secret),
        scope: SCOPE,
      }).toString(),
    }),
  });
  return {
    kind: 'token',
    token: () => source.get(),
    renew: () => source.renew(),
  };
}

export async function proofHeaders(
  proof: AzureProof,
): Promise<Record<string, string>> {
  return proof.kind === 'key'
    ? { 'api-key': await proof.key() }
    : { authorization: `Bearer ${await proof.token()}` };
}
