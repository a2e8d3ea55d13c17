import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { readServiceTokens, tokenNameOf } from './serviceToken';

/** Entity refs through which a caller owns things: a person's groups, a token's owner. */
export class OwnershipClaims {
  readonly #userInfo: UserInfoService;
  readonly #ownerOfToken: Map<string, string>;

  constructor(options: { userInfo: UserInfoService; config: Config }) {
    this.#userInfo = options.userInfo;
    this.#ownerOfToken = new Map(
      readServiceTokens(options.config).map(({ name, owner }) => [name, owner]),
    );
  }

  async of(credentials: BackstageCredentials): Promise<string[]> {
    const principal = credentials.principal as
      | BackstageUserPrincipal
      | BackstageServicePrincipal
      | { type: 'none' };
    if (principal.type === 'user') {
      const info = await this.#userInfo.getUserInfo(credentials);
      return info.ownershipEntityRefs;
    }
    if (principal.type !== 'service') return [];
    const name = tokenNameOf(principal.subject);
    const owner = name === undefined ? undefined : this.#ownerOfToken.get(name);
    return owner === undefined ? [] : [owner];
  }
}
