export interface Config {
  greenroom?: {
    /**
     * Where the pages are in the portal, as links of notifications and of the catalog's entities have
     * them. An app of the new frontend system says that in `app.extensions`, which is read; one of the
     * old system, where the routes are code, says here what it chose if it is not the default.
     */
    pages?: {
      /** @default /ai-registry */
      'ai-registry'?: string;
      /** @default /ai-inference */
      'ai-inference'?: string;
      /** @default /ai-monitoring */
      'ai-monitoring'?: string;
    };
  };
}
