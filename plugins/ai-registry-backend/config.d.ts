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
    versions?: {
      /**
       * What happens when one of a version's files is a pickle, which runs code of whoever made it when
       * it is loaded: `allow` looks for none, `mark` names them in the version, `refuse` takes no such version.
       * @default mark
       */
      pickle?: 'allow' | 'mark' | 'refuse';
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
       * working directory. Made when it is absent. With `repository`, the folder of a copy of the one
       * on GitHub. It has no default: without it, the backend does not start.
       */
      directory?: string;
      /**
       * Page of the environments repository on GitHub, or on a GitHub Enterprise server:
       * `https://github.com/acme/environments`. The App or token comes from the entry of
       * `integrations.github` with that host. Without it, the repository is the one in `directory`,
       * and promotions are reviewed in the portal alone.
       */
      repository?: string;
      /** For a `repository` on GitHub. */
      github?: {
        /**
         * What GitHub signs webhook deliveries with, 1 or more characters; of the App in
         * `integrations.github` unless it is set.
         * @visibility secret
         */
        webhookSecret?: string;
        /**
         * How pull requests are merged.
         * @default merge
         */
        mergeMethod?: 'merge' | 'squash' | 'rebase';
        /**
         * Whether main is made to require the check `Greenroom`, by a ruleset of that name; needs the
         * permission `Administration: write`.
         * @default true
         */
        requireChecks?: boolean;
        /**
         * How often GitHub is asked for what webhooks may not have told, in seconds, from 5 to 3600.
         * @default 60
         */
        sweepSeconds?: number;
      };
    };
    signing?: {
      /**
       * Public keys whose signatures of versions are believed, at most 100. Signatures are those of the
       * OpenSSF's tool model_signing, with keys of the curves P-256, P-384 and P-521.
       */
      keys?: {
        /** 1 to 63 lower-case letters, digits and dashes. */
        name: string;
        /** In PEM; this, or `publicKeyFile`. */
        publicKey?: string;
        /** File with the key in PEM; a relative path starts at the working directory. */
        publicKeyFile?: string;
      }[];
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
      /**
       * Has a cluster try versions, each as a Job, in the place of `program`: on machines like those that serve them,
       * and with nothing of the control plane's memory.
       */
      kubernetes?: {
        /**
         * Name of the cluster among `kubernetes.clusterLocatorMethods` of type config; the one that the control plane
         * runs in when left out.
         */
        cluster?: string;
        /** Where Jobs are made. It has to be there already. */
        namespace: string;
        /** Image of the data plane (`@greenroom/inference-server`), with its tag or digest. */
        image: string;
        /**
         * Processors of a trial, as Kubernetes writes them. Its memory is `maxMemoryMiB`.
         * @default 1
         */
        cpu?: string;
        /** Labels of the nodes that Jobs may run on. */
        nodeSelector?: { [label: string]: string };
        /** Where pods reach the portal; `backend.baseUrl` when left out. */
        controlPlaneUrl?: string;
        /**
         * How long it may take until the model is loaded: for a node, the image and the files, in seconds. After that
         * nothing is known of the version.
         * @default 600
         */
        startTimeoutSeconds?: number;
      };
    };
    webhooks?: {
      /**
       * Whether web hooks may reach private addresses, such as 10.0.0.0/8 and those of the machine itself.
       * @default false
       */
      allowPrivateAddresses?: boolean;
      /** Hosts that web hooks may name with http, without a port; all others need https. */
      httpHosts?: string[];
      /**
       * Key by which secrets of web hooks are encrypted in the database, of at least 24 characters; the secrets of
       * `backend.auth.keys` when left out.
       * @visibility secret
       */
      encryptionKey?: string;
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
      /** Gates that services of the company answer, besides those of modules; at most 20. */
      ownGates?: {
        /** 2 to 40 lower-case letters, digits and dashes; it is `own:<id>` wherever it is named. */
        id: string;
        /** What holds when it passes. */
        title: string;
        /** Where it is asked, by POST. */
        url: string;
        /**
         * Calls are signed with it (HMAC-SHA256), such as ${SCAN_SECRET}.
         * @visibility secret
         */
        secret?: string;
        /** @default 10 */
        timeoutSeconds?: number;
      }[];
      /**
       * What promotions are held against, by the name of the gate; `greenroom.environments[].gates`
       * says it for one environment. Each has a `mode`. `required`: nothing is merged before it
       * passes. `report`: what it finds is shown and holds up nothing. `off`: it is not asked.
       */
      gates?: {
        /** Always required. */
        'artifact-digest'?: { mode?: 'required' };
        /** @default { mode: required } */
        connection?: { mode?: 'required' | 'report' | 'off' };
        /** @default { mode: required } */
        servable?: { mode?: 'required' | 'report' | 'off' };
        /** @default { mode: required } */
        'signature-compatible'?: { mode?: 'required' | 'report' | 'off' };
        /** @default { mode: required } */
        cost?: { mode?: 'required' | 'report' | 'off' };
        /**
         * Bundles without pickles, which run code when they are loaded.
         * @default { mode: required }
         */
        files?: { mode?: 'required' | 'report' | 'off' };
        /** Signatures of versions (model_signing), by the keys in `aiRegistry.signing.keys`. */
        signing?: {
          /** @default required */
          mode?: 'required' | 'report' | 'off';
          /**
           * What becomes of versions that are not signed.
           * @default pass
           */
          unsigned?: 'pass' | 'refuse';
          /**
           * Names of the keys that count; without any, all of them.
           * @default []
           */
          keys?: string[];
        };
        /** Whether the version, or its model, is deprecated. */
        deprecation?: {
          /** @default report */
          mode?: 'required' | 'report' | 'off';
        };
        /** The licence of the version, or else of the model, as the tag `license` says. */
        licence?: {
          /** @default required */
          mode?: 'required' | 'report' | 'off';
          /**
           * SPDX identifiers, and names of your own. Without any, the gate is not asked.
           * @default []
           */
          allowed?: string[];
        };
        /** How long one row takes, as trials on the control plane's machine measure it. */
        latency?: {
          /** @default report */
          mode?: 'required' | 'report' | 'off';
          /** Of 95 of 100 rows, in milliseconds. Without it, only the running version is the measure. */
          maxMillis?: number;
          /**
           * How much longer than the running version, as a share: 0.5 for half as long again.
           * @default 0.5
           */
          maxIncreaseShare?: number;
        };
        /**
         * Parts of the evaluation's rows for which the version is worse.
         * @default { mode: required }
         */
        slices?: { mode?: 'required' | 'report' | 'off' };
        /**
         * What the environment was asked in the last 24 hours, against the rows that the version was made of.
         * @default { mode: report }
         */
        drift?: { mode?: 'required' | 'report' | 'off' };
        /** Answers to the last rows, where the manifest keeps some (spec.recentRows). */
        replay?: {
          /** @default report */
          mode?: 'required' | 'report' | 'off';
          /** Largest share of rows that may be answered otherwise, from 0 to 1. Without it, any. */
          maxChangedShare?: number;
        };
        evaluation?: {
          /** @default required */
          mode?: 'required' | 'report' | 'off';
          /**
           * Share of the running version's primary metric that may be lost, from 0 to 1; of a language
           * model's share of right answers to prompts, 0.01 is one percentage point.
           * @default 0.01
           */
          margin?: number;
          /**
           * Evaluations that the registry computed from the version's own files: required, only they count;
           * preferred, they come before what somebody claims of the same rows; off, the newest counts.
           * @default preferred
           */
          measured?: 'required' | 'preferred' | 'off';
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
