export interface Config {
  aiRegistry?: {
    catalog?: {
      /**
       * How often all models are compared with the catalog, in seconds. Single changes
       * arrive by events in between.
       * @default 60
       */
      syncIntervalSeconds?: number;
      /**
       * Writes each deployed model's API a second time, as portals that list servers of models want it
       * (`spec.type: ai-model-server`), as entities of this kind. `AiModelServerAPI` is that of Red Hat
       * Developer Hub, and has to be known to the catalog. None when left out.
       */
      modelServers?: 'API' | 'AiModelServerAPI';
    };
  };
}
