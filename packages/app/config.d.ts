export interface Config {
  /** Settings of the portal itself. */
  greenroom?: {
    /**
     * Ways to sign in that the sign-in page offers, in this order: `github`, and `guest` for the
     * demo users of a local installation. Each needs its entry under `auth.providers`.
     * @visibility frontend
     */
    signIn?: ('guest' | 'github')[];
    /**
     * People that the sign-in page offers with `guest`; the backend decides whom it lets in.
     */
    demoUsers?: Array<{
      /**
       * Name of the catalog user.
       * @visibility frontend
       */
      name: string;
      /**
       * Name as people read it.
       * @visibility frontend
       */
      title: string;
      /**
       * What this person does, in a few words.
       * @visibility frontend
       */
      role: string;
    }>;
  };
}
