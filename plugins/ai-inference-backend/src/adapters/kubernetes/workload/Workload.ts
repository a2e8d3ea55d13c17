/** Pods that are the same, and how what belongs to them is called. */
export interface Workload {
  metadata: {
    name: string;
    namespace: string;
    labels: Record<string, string>;
  };
  /** Of pods, for as long as a Deployment lives: never more than this. */
  podSelector: { matchLabels: Record<string, string> };
}
