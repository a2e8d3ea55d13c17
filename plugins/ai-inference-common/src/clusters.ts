/** How much of a flavor the nodes of a cluster have. */
export interface FlavorCapacity {
  /** Its name in `greenroom.flavors`. */
  flavor: string;
  title: string;
  /** Nodes that its selector finds, and how many of them take its pods: ready, not cordoned, no taint that it does not tolerate. */
  nodes: { matching: number; usable: number };
  /** How many of it the usable nodes can hold. */
  total: number;
  /** How many of these are free, by what pods on the nodes ask for; undefined where pods are not known. */
  free?: number;
  /** How many there are in all, where the settings say so. */
  capacity?: number;
  /** Environments of this cluster whose data planes run on it. */
  environments: string[];
}

/** A cluster that environments name, and what it has. */
export interface ClusterOverview {
  /** Undefined for the cluster that the control plane runs in. */
  name?: string;
  /** Environments whose data planes run there. */
  environments: string[];
  reach:
    | { state: 'reachable'; version: string }
    /** In words; what follows is not known then. */
    | { state: 'unreachable'; reason: string };
  /** Undefined where nodes are not known. */
  nodes?: { total: number; ready: number };
  /** Those that nodes have or environments name; undefined where nodes are not known. */
  flavors?: FlavorCapacity[];
  /** What is not known and why, a sentence each. */
  problems: string[];
}
