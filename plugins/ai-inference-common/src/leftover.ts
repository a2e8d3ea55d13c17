/** What lies in a cluster, was made by this portal, and is wanted by no environment. */
export interface Leftover {
  /** As the cluster has it: one that is made anew under the same name has another. */
  id: string;
  /** Undefined for the cluster that the control plane runs in. */
  cluster?: string;
  namespace: string;
  /** For which it was made. */
  environment: string;
  kind: string;
  name: string;
  createdAt?: string;
}

export interface LeftoverList {
  items: Leftover[];
  /** Where nothing could be looked at, and why. */
  unseen: { cluster?: string; namespace: string; reason: string }[];
}

export interface LeftoverRemoval {
  /** Whether it was only found out what would happen. */
  dryRun: boolean;
  removed: Leftover[];
  failed: (Leftover & { reason: string })[];
}
