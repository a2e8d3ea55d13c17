export interface Config {
  permission?: {
    greenroom?: {
      /**
       * Entity refs of the groups whose members may do everything, and who are notified of manifests that
       * cannot be applied and that nobody else can be told of. Default: none.
       */
      adminGroups?: string[];
      /**
       * Environments in which every signed-in user may call models from the portal and issue keys for
       * them; elsewhere the models' owners and admins may. Default: all but the last one.
       */
      openEnvironments?: string[];
      /** Names of further permissions that every signed-in user has, such as those of other plugins. Default: none. */
      openPermissions?: string[];
    };
  };
}
