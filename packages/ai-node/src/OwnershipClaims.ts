import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
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
    const principal = credentials.principal as Principal;
    if (principal.type === 'user') {
      const info = await this.#userInfo.getUserInfo(credentials);
      return info.ownershipEntityRefs;
    }
    const owner = await this.#tokenOwner(principal);
    return owner === undefined ? [] : [owner];
  }

  /**
   * Who owns what the caller makes without saying for whom: the person, or the token's owner.
   *
   * @throws InputError where the caller stands for nobody
   */
  async ownerFor(credentials: BackstageCredentials): Promise<string> {
    const principal = credentials.principal as Principal;
    const owner =
      principal.type === 'user'
        ? principal.userEntityRef
        : await this.#tokenOwner(principal);
    if (owner === undefined) {
      throw new InputError(
        'owner: expected the entity ref of a group or user, since the caller has none of their own',
      );
    }
    return owner;
  }

  async #tokenOwner(principal: Principal): Promise<string | undefined> {
    if (principal.type !== 'service') return undefined;
    const name = tokenNameOf(principal.subject);
    if (name === undefined) return undefined;
    return (
      this.#ownerOfToken.get(name) ??
      (await this.#issuedTokens.findByName(name))?.owner
    );
  }
}

type Principal =
  | BackstageUserPrincipal
  | BackstageServicePrincipal
  | { type: 'none' };
