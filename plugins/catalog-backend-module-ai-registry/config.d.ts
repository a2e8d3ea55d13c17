export interface Config {
  aiRegistry?: {
    catalog?: {
      /**
       * How often all models are compared with the catalog, in seconds. Single changes
       * arrive by events in between.
       * @default 60
       */
      syncIntervalSeconds?: number;
    };
  };
}
