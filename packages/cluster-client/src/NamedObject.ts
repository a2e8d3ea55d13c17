import type { KubernetesObject } from '@kubernetes/client-node';

/** Who has set what we set, as clusters keep it. */
export const FIELD_MANAGER = 'greenroom';

/** An object with what is needed to find it. */
export type NamedObject = KubernetesObject & {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
  };
};
