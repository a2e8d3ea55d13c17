import { InputError } from '@backstage/errors';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isPublicAddress } from './addresses';

export interface ReceiverAddress {
  address: string;
  family: number;
}

/** All addresses of a host, as the machine finds them. */
export type Resolve = (host: string) => Promise<ReceiverAddress[]>;

/** Says which addresses hooks may reach. */
export class ReceiverRules {
  readonly #allowPrivate: boolean;
  readonly #httpHosts: ReadonlySet<string>;
  readonly #resolve: Resolve;

  constructor(options: {
    allowPrivateAddresses: boolean;
    /** Hosts that need no TLS. */
    httpHosts: readonly string[];
    /** Another one in tests. */
    resolve?: Resolve;
  }) {
    this.#allowPrivate = options.allowPrivateAddresses;
    this.#httpHosts = new Set(
      options.httpHosts.map(host => host.toLowerCase()),
    );
    this.#resolve = options.resolve ?? (host => lookup(host, { all: true }));
  }

  /**
   * Reads a hook's URL.
   *
   * @throws InputError when no hook may have it
   */
  parse(text: string): URL {
    if (text.length > 2_048 || !URL.canParse(text)) {
      throw new InputError(
        'url: expected an address such as https://ci.example.com/hooks/models, of at most 2048 characters',
      );
    }
    const url = new URL(text);
    if (url.username || url.password) {
      throw new InputError(
        'url: it has a user name or a password in it: leave them out, and have the receiver verify the signature',
      );
    }
    const isAllowed =
      url.protocol === 'https:' ||
      (url.protocol === 'http:' && this.#httpHosts.has(url.hostname));
    if (!isAllowed) {
      throw new InputError(
        `url: expected https, but it has '${url.protocol}': use https, or have an administrator name the host in aiRegistry.webhooks.httpHosts`,
      );
    }
    const address = literalOf(url);
    if (address !== undefined) this.#check(url.hostname, [address]);
    return url;
  }

  /**
   * Finds where to connect to: every address of the host must be allowed, and whoever connects takes
   * one of them, so that a name that means something else a moment later changes nothing.
   *
   * @throws InputError when hooks may not reach it
   * @throws what resolving threw
   */
  async resolve(url: URL): Promise<ReceiverAddress[]> {
    const literal = literalOf(url);
    const found =
      literal === undefined
        ? await this.#resolve(url.hostname)
        : [{ address: literal, family: isIP(literal) }];
    this.#check(
      url.hostname,
      found.map(({ address }) => address),
    );
    return found;
  }

  #check(host: string, addresses: readonly string[]): void {
    if (addresses.length === 0) {
      throw new InputError(`url: the host '${host}' has no address`);
    }
    if (this.#allowPrivate || addresses.every(isPublicAddress)) return;
    throw new InputError(
      `url: the host '${host}' has a private address: use a public one, or have an administrator set aiRegistry.webhooks.allowPrivateAddresses`,
    );
  }
}

/** The address in a URL that has one in the place of a name. */
function literalOf({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) ? bare : undefined;
}
