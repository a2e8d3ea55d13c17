export interface Config {
  greenroom?: {
    /**
     * Where versions run, in the order of promotion. Each has a folder in the environments
     * repository and an alias of its name that only Git moves. Without it: dev, staging and
     * production.
     * @deepVisibility frontend
     */
    environments?: {
      /** 2 to 40 lower-case letters, digits and dashes that begin with a letter. */
      name: string;
      /** @default the name */
      title?: string;
      /**
       * An environment that stands before it: only a version that runs there, or ran there, is
       * promoted to this one. Without it, any version is.
       */
      promotesFrom?: string;
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
    }[];
  };
}
