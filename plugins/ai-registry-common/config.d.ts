export interface Config {
  greenroom?: {
    /**
     * Where versions run, in the order of promotion. Each has a folder in the environments
     * repository and an alias of its name that only Git moves. Without it: dev, staging and
     * production.
     */
    environments?: {
      /**
       * 2 to 40 lower-case letters, digits and dashes that begin with a letter.
       * @visibility frontend
       */
      name: string;
      /**
       * @default the name
       * @visibility frontend
       */
      title?: string;
      /**
       * An environment that stands before it: only a version that runs there, or ran there, is
       * promoted to this one. Without it, any version is.
       * @visibility frontend
       */
      promotesFrom?: string;
      /** @deepVisibility frontend */
      approvals?: {
        /**
         * How many people other than the requester have to approve a promotion, 1 to 10.
         * @default 1
         */
        count?: number;
        /**
         * Entity refs of groups, such as group:default/ml-platform: only approvals of their members
         * count. Without it, those of everybody who may review.
         */
        groups?: string[];
      };
      /** @deepVisibility frontend */
      dataPlane?: {
        /**
         * Where callers reach the data planes, such as https://models.example.com. Without it,
         * pages show where each data plane says that it is.
         */
        address?: string;
      };
      /**
       * How data planes come to be. `none`: whoever runs the portal starts them, with a token of
       * the environment. `local`: the control plane runs one on its own machine while it is needed
       * (`aiInference.localDataPlanes` says where it keeps its data).
       * @default none
       * @visibility frontend
       * @deepVisibility frontend
       */
      deployer?:
        | 'none'
        | 'local'
        | {
            kind: 'none' | 'local';
            /** Where a local one listens, on 127.0.0.1; any free port when left out. */
            port?: number;
            /**
             * Minutes that a local one runs on after the last request, change or try.
             * @default 15
             */
            idleMinutes?: number;
          };
      /**
       * What the logical connections that external models name are here, by name. Never secrets:
       * each is named by where it lies on the data plane, as env:NAME or file:NAME.
       */
      connections?: {
        [name: string]: {
          /** Kind of the provider: openai, azure-openai, vertex-ai, sagemaker, hugging-face, openai-compatible, local. Left out where there are upstreams. */
          kind?: string;
          /** Several services that share the calls, in the place of kind and settings; at most 20. */
          upstreams?: {
            /** Its own name, unique among them: lower-case letters, digits and dashes. Its position, from 1, when left out. */
            name?: string;
            /** Its share of the calls, compared with the others': above 0, up to 1000; 1 when left out. */
            weight?: number;
            /** As of a connection. */
            kind: string;
            [setting: string]: unknown;
          }[];
          /** ISO 4217, of the prices. USD when left out. */
          currency?: string;
          /** What a million tokens cost, by the name of a model as its provider calls it. Data planes do not learn them. */
          prices?: {
            [model: string]: {
              input: number;
              output: number;
              /** Of input that the provider had computed before; as input when left out. */
              cachedInput?: number;
            };
          };
          /** What a connection of this kind needs, such as baseUrl and secret. */
          [setting: string]: unknown;
        };
      };
    }[];
  };
}
