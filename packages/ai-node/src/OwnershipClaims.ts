import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { IssuedTokens } from './issuedTokens';
import { readServiceTokens, tokenNameOf } from './serviceToken';

/** Entity refs through which a caller owns things: a person's groups, a token's owner. */
export class OwnershipClaims {
  readonly #userInfo: UserInfoService;
  readonly #ownerOfToken: Map<string, string>;
  readonly #issuedTokens: Pick<IssuedTokens, 'findByName'>;

  constructor(options: {
    userInfo: UserInfoService;
    config: Config;
    /** Tokens that were issued in the portal. */
    issuedTokens: Pick<IssuedTokens, 'findByName'>;
  }) {
    this.#issuedTokens = options.issuedTokens;
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
    if (name === undefined) return [];
    const owner =
      this.#ownerOfToken.get(name) ??
      (await this.#issuedTokens.findByName(name))?.owner;
    return owner === undefined ? [] : [owner];
  }
}
