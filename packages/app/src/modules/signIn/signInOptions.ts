import type { Config } from '@backstage/config';

export type SignInMethod = 'guest' | 'github';

/** One of the people that a local portal lets in without a password. */
export interface DemoUser {
  /** Name of the catalog user. */
  name: string;
  title: string;
  /** What they do, in a few words. */
  role: string;
}

export interface SignInOptions {
  methods: SignInMethod[];
  demoUsers: DemoUser[];
}

/** Reads `greenroom.signIn` and `greenroom.demoUsers`. */
export function readSignInOptions(config: Config): SignInOptions {
  const methods = config.getOptionalStringArray('greenroom.signIn') ?? [];
  return {
    methods: methods.map(method => {
      if (method !== 'guest' && method !== 'github') {
        throw new Error(
          `greenroom.signIn has "${method}"; expected "guest" or "github"`,
        );
      }
      return method;
    }),
    demoUsers: (config.getOptionalConfigArray('greenroom.demoUsers') ?? []).map(
      user => ({
        name: user.getString('name'),
        title: user.getString('title'),
        role: user.getString('role'),
      }),
    ),
  };
}
