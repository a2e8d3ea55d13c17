export interface Config {
  /** Deployments, rollouts, keys and the playground. */
  aiInference?: {
    dataPlane?: {
      /**
       * Seconds without a word after which a data plane counts as gone; it reports every 2 seconds. At least 3, default 10.
       * A data plane that is gone does not count for a rollout.
       */
      offlineAfterSeconds?: number;
      /** How the playground reaches data planes over TLS; left out, what Node trusts is trusted, and nothing is shown. */
      certificates?: {
        /** PEM file of the authorities that signed the certificates of data planes. It is read anew when it changes, as the other files are. */
        caFile?: string;
        /** PEM file of the certificate that data planes are shown, where they ask for one; `keyFile` is needed beside it. */
        certFile?: string;
        /** PEM file of its private key. */
        keyFile?: string;
      };
    };
    rollout?: {
      /** Seconds for which a version without traffic stays loaded after its rollout. Default 60. */
      drainSeconds?: number;
      /** Online data planes on which a version has to be ready before it gets (more) traffic; the others are shown as degraded and hold nobody. Default 1. */
      quorum?: number;
      /**
       * Minutes for which a version is tried that data planes cannot load, while the one that was proven before serves; after
       * that it is taken back, and a rollback has Git ask for what serves. Only time counts in which it could be tried.
       * 0 for ever. Default 30.
       */
      giveUpMinutes?: number;
    };
    retention?: {
      /** Rollouts of each deployment that are kept, the newest. Default 100. */
      rolloutsPerDeployment?: number;
      /** Former setting for the audit log, in days; `audit.keepMonths` counts where both are set. */
      eventDays?: number;
    };
    audit?: {
      /** Whole months that the audit log of rollouts, deployments and keys is kept besides the current one. Default 13. */
      keepMonths?: number;
    };
    batching?: {
      /** Most rows that one run of a model takes; 1 switches batching off. Default 64. */
      maxRows?: number;
      /** Longest time in microseconds that a request waits for company. 0 takes only what arrives together. Default 0. */
      maxDelayMicros?: number;
    };
    /** Input rows a second of each model whose values are copied into the records that drift is computed from; 0 for none. Default 50. */
    recordedRowsPerSecond?: number;
    keys?: {
      /** Longest life of a key that programs call models with, in days; also that of a key without an end of its own. Default 365. */
      maxLifetimeDays?: number;
    };
    playground?: {
      /** Seconds that the portal waits for a data plane's answer. Default 30. */
      timeoutSeconds?: number;
      /** Seconds that it waits for a data plane that slept, until it runs and has loaded the model. Default 45. */
      wakeSeconds?: number;
    };
    /** For environments whose deployer is `local`: the control plane runs their data planes. */
    localDataPlanes?: {
      /** Folder in which each environment has one for its last snapshot and copies of artifacts. Needed where a deployer is `local`. */
      directory?: string;
      /** The data plane's program. Default: `aiRegistry.trial.program`, which versions are tried with. */
      program?: string;
    };
    /** For environments whose deployer is `kubernetes`: a cluster runs their data planes. */
    kubernetes?: {
      /** Tells what this portal has made from what another one has made in the same cluster. Default greenroom. */
      installation?: string;
      /**
       * Files with the token of a service account, by name of the cluster, in the place of
       * `serviceAccountToken` there. They are read again and again: tokens that end are no trouble.
       */
      tokenFiles?: { [cluster: string]: string };
      /**
       * A port where clusters' API servers ask how many requests are in flight, for autoscalers of environments whose
       * deployer says `scaleOn`: the API `external.metrics.k8s.io`. Over TLS, and for API servers alone.
       */
      metrics?: {
        port: number;
        /** @default 0.0.0.0 */
        host?: string;
        /** PEM; its names have to be those of the Service that the cluster's APIService names. Renewed files are taken while it runs. */
        certFile: string;
        keyFile: string;
      };
    };
  };
}
