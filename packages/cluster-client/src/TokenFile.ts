import type { KubeConfig, User } from '@kubernetes/client-node';
import { readFile } from 'node:fs/promises';

type Authenticator = Parameters<KubeConfig['addAuthenticator']>[0];
type Options = Parameters<Authenticator['applyAuthentication']>[1];

/** Name of its setting: the library's own would send a line break with the token. */
const SETTING = 'trimmedTokenFile';

/** A token in a file, which is read for each request, so that one which ends and is replaced is no trouble. */
export class TokenFile implements Authenticator {
  /** What a user of a kubeconfig has whose token lies there. */
  static authProvider(file: string): User['authProvider'] {
    return { name: SETTING, config: { [SETTING]: file } };
  }

  static register(config: KubeConfig): void {
    config.addAuthenticator(new TokenFile());
  }

  isAuthProvider(user: User): boolean {
    return user.authProvider?.name === SETTING;
  }

  /** @throws Error that names the file, and nothing of what is in it */
  async applyAuthentication(user: User, options: Options): Promise<void> {
    const file: string = user.authProvider.config[SETTING];
    const token = (await readFile(file, 'utf8')).trim();
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new Error(
        `the file ${file} holds no token: expected one word and nothing else`,
      );
    }
    const headers = { ...options.headers, Authorization: `Bearer ${token}` };
    options.headers = headers;
  }
}
