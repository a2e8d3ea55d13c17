export interface Config {
  /** Experiments and runs. */
  aiTraining?: {
    audit?: {
      /** Whole months that it is kept who changed experiments, besides the current one. Default 13. */
      keepMonths?: number;
    };
    /** Clusters that training jobs run in, as Jobs. */
    kubernetes?: Array<{
      /** As jobs name it. Default: the cluster's name, or `kubernetes`. */
      name?: string;
      /** Name of a cluster of `kubernetes.clusterLocatorMethods`. Default: the one that the control plane runs in. */
      cluster?: string;
      /** Namespace of the Jobs. */
      namespace: string;
      /** Where pods reach the control plane: `https://portal.example.com`. */
      controlPlaneUrl: string;
      /** File with the certificates, PEM, of who signs the control plane's, where images do not know them. */
      controlPlaneCaFile?: string;
      /** The data plane's image, which fetches code and data. */
      fetchImage: string;
      /** PersistentVolumeClaim (ReadWriteMany) of checkpoints. Without one they last no longer than a pod. */
      checkpointsClaim?: string;
      /** Makes a NetworkPolicy for each attempt: pods reach each other, DNS, and these. */
      networkPolicy?: {
        allow: Array<{
          /** Addresses: `10.0.0.7/32`. */
          cidr?: string;
          /** Or the pods of a namespace, */
          namespace?: string;
          /** those with these labels. */
          podLabels?: { [label: string]: string };
          /** Default: all. */
          port?: number;
        }>;
      };
      /** Whether images may be named without their digest. Default false. */
      allowTags?: boolean;
      /** Processors of a pod whose job and flavor name none. Default 1. */
      cpu?: string;
      /** Memory of a pod whose job and flavor name none. Default 2Gi. */
      memory?: string;
      /** Id of the user and the group of programs. Default 65532. */
      userId?: number;
      /** Most seconds that programs have to save what they have when they are to end. Default 120. */
      graceSeconds?: number;
      /** Seconds for which an image that cannot be pulled is tried. Default 300. */
      imageSeconds?: number;
      /** Has Kueue decide when jobs start. */
      kueue?: {
        /** Name of the LocalQueue of teams that have no other one. */
        queue?: string;
        /** Names of LocalQueues by entity ref of the team. */
        teams?: { [team: string]: string };
      };
    }>;
  };
}
