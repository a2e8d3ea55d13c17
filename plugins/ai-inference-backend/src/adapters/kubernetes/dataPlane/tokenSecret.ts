import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Secret } from '@kubernetes/client-node';
import {
  tokenSecretNameOf,
  type WantedDataPlane,
  workloadOf,
} from './WantedDataPlane';

/** Name of the token that lies in a Secret: it is renewed by it. */
export const TOKEN_ANNOTATION = 'greenroom.dev/token';
export const TOKEN_KEY = 'token';

export function tokenSecret(
  wanted: WantedDataPlane,
  token: { name: string; secret: string },
): V1Secret & NamedObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...workloadOf(wanted).metadata,
      name: tokenSecretNameOf(wanted.environment),
      annotations: { [TOKEN_ANNOTATION]: token.name },
    },
    type: 'Opaque',
    data: { [TOKEN_KEY]: Buffer.from(token.secret).toString('base64') },
  };
}
