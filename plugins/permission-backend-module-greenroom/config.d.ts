export interface Config {
  permission?: {
    greenroom?: {
      /** Entity refs of the groups whose members may do everything. Default: none. */
      adminGroups?: string[];
    };
  };
}
