export interface Config {
  auth?: {
    providers?: {
      /** Sign-in without a password as a demo user; for this machine only. */
      guest?: {
        /** Entity refs of the users that may be chosen; the first one is the default. */
        users: string[];
        /** Lets the provider run although `backend.baseUrl` is not a loopback address. Default false. */
        dangerouslyAllowOutsideDevelopment?: boolean;
      };
    };
  };
}
