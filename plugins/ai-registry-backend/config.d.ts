export interface Config {
  aiRegistry?: {
    artifacts?: {
      /**
       * Folder of the artifact store; a relative path starts at the working directory. With a
       * bucket as the store, uploads wait here until they are sent, and files that are tried. It has
       * no default: without it, the backend does not start.
       */
      directory?: string;
      /** Where artifacts are kept; in `directory` unless another place is named. */
      store?: {
        /**
         * `folder`: in `directory`. `s3`: in a bucket of Amazon S3, or of a server that speaks its
         * protocol; the other settings here are for it.
         * @default folder
         */
        type?: 'folder' | 's3';
        bucket?: string;
        /**
         * As the bucket's provider names it.
         * @default us-east-1
         */
        region?: string;
        /** Base URL of the server; Amazon's of the region unless it is named. */
        endpoint?: string;
        /**
         * Whether the bucket stands in the path of URLs instead of the host name.
         * @default true where an endpoint is named
         */
        forcePathStyle?: boolean;
        /** Put before each key, e.g. `greenroom/`. */
        prefix?: string;
        /**
         * Without the two, they are found as AWS programs do: in the environment, or at the
         * machine or pod that has a role.
         * @visibility secret
         */
        accessKeyId?: string;
        /**
         * @visibility secret
         */
        secretAccessKey?: string;
        /**
         * Silence of a connection after which a request is given up, in seconds.
         * @default 30
         */
        timeoutSeconds?: number;
        /**
         * How often a request is sent before it has failed.
         * @default 3
         */
        maxAttempts?: number;
      };
      /**
       * Largest artifact that is taken, in bytes.
       * @default 21474836480
       */
      maxBytes?: number;
      /**
       * Largest bundle that is taken, all of its files together, in bytes.
       * @default 107374182400
       */
      maxBundleBytes?: number;
      /**
       * How long an artifact is kept that no version was made of, in hours.
       * @default 24
       */
      graceHours?: number;
    };
    audit?: {
      /**
       * Whole months that the audit log is kept besides the current one; the history of
       * aliases is kept for ever.
       * @default 13
       */
      keepMonths?: number;
    };
    events?: {
      /** Former name of `audit.keepMonths`, which counts where both are set. */
      keepMonths?: number;
    };
    environments?: {
      /**
       * Bare Git repository with what runs in each environment; a relative path starts at the
       * working directory. Made when it is absent. It has no default: without it, the backend does
       * not start.
       */
      directory?: string;
    };
    trial?: {
      /**
       * Program of the inference server (`dist/main.cjs`), relative to the working
       * directory. Each version is loaded with it once, so that one that cannot be served
       * is known before it is promoted. Without it, versions are not tried.
       */
      program?: string;
      /**
       * A version that is not loaded after this time cannot be served, in seconds.
       * @default 120
       */
      timeoutSeconds?: number;
      /**
       * Memory that loading a version may take, in MiB. Enforced on Linux.
       * @default 4096
       */
      maxMemoryMiB?: number;
    };
    promotion?: {
      /** How traffic moves to a promoted version when the promotion does not say. */
      defaultRollout?: {
        strategy: 'canary' | 'immediate';
        /** Growing shares; a canary needs at least one, an immediate rollout has none. */
        steps?: {
          /** Share of traffic for the new version, from 0 to 100. */
          weightPercent: number;
          /** How long the share is held, in seconds. */
          holdSeconds: number;
        }[];
      };
      gates?: {
        evaluation?: {
          /**
           * Share of the running version's primary metric that may be lost, from 0 to 1; of a language
           * model's share of right answers to prompts, 0.01 is one percentage point.
           * @default 0.01
           */
          margin?: number;
          /**
           * For so many days the answers of a language model to prompts count; older ones are asked for
           * anew, since a provider may change a model under its name. 0: at every promotion.
           * @default 7
           */
          maxAgeDays?: number;
        };
      };
      /**
       * Entity refs of users and groups who are notified, besides the model's owner, when
       * a promotion waits for review.
       * @default []
       */
      reviewers?: string[];
      /**
       * Approvals that a rollback needs before it is merged.
       * @default 0
       */
      rollbackApprovals?: number;
    };
  };
}
