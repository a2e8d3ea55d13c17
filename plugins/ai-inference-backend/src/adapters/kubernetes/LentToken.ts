import type { V1Secret } from '@kubernetes/client-node';
import type { IssuedTokens } from '@greenroom/ai-node';
import { randomBytes } from 'node:crypto';
import type { ClusterClient } from '@greenroom/cluster-client';
import { dataPlaneScopes } from '../dataPlanePermissions';
import { decideApply } from './decideApply';
import {
  TOKEN_ANNOTATION,
  TOKEN_KEY,
  tokenSecret,
  type WantedDataPlane,
} from './objects';

/** Longer than the control plane is away when it is made anew: who has the token goes on meanwhile. */
const LIFETIME_MILLIS = 6 * 60 * 60_000;
const RENEW_AFTER_MILLIS = 5 * 60_000;

/** Lends tokens to data planes. */
export type TokenLender = Pick<IssuedTokens, 'lend' | 'renew' | 'takeBack'>;

/**
 * The token of an environment's pods, in a Secret that they read again and again. Its name lies
 * beside it, so that whoever looks after the environment next renews the same one.
 */
export class LentToken {
  readonly #client: ClusterClient;
  readonly #tokens: TokenLender;
  readonly #clock: () => Date;
  #renewed: { name: string; atMillis: number } | undefined;

  constructor(options: {
    client: ClusterClient;
    tokens: TokenLender;
    clock: () => Date;
  }) {
    this.#client = options.client;
    this.#tokens = options.tokens;
    this.#clock = options.clock;
  }

  /** Has a token lie there that is valid. */
  async ensure(wanted: WantedDataPlane): Promise<void> {
    const nowMillis = this.#clock().getTime();
    // Before the cluster is asked: while that does not answer, pods go on with the token that they have.
    if (this.#renewed) await this.#renew(this.#renewed.name, nowMillis);
    const template = tokenSecret(wanted, { name: '', secret: '' });
    const found = (await this.#client.read(template)) as V1Secret | undefined;
    const decision = decideApply({
      wanted: template,
      actual: found,
      drift: 'repair',
    });
    if (decision.act === 'refuse') throw new Error(decision.reason);
    const name = nameIn(found);
    if (name !== undefined && (await this.#renew(name, nowMillis))) return;
    await this.#replace(wanted, nowMillis);
  }

  /** Ends it, when nobody has it any more. */
  async end(wanted: WantedDataPlane): Promise<void> {
    const template = tokenSecret(wanted, { name: '', secret: '' });
    const found = (await this.#client.read(template)) as V1Secret | undefined;
    const name = nameIn(found);
    if (name !== undefined) await this.#tokens.takeBack(name);
    if (found) await this.#client.remove(template);
    this.#renewed = undefined;
  }

  /** @returns whether there is still such a token */
  async #renew(name: string, nowMillis: number): Promise<boolean> {
    const renewed = this.#renewed;
    const isFresh =
      renewed?.name === name &&
      nowMillis - renewed.atMillis < RENEW_AFTER_MILLIS;
    if (isFresh) return true;
    const names = await this.#tokens.renew([name], LIFETIME_MILLIS);
    if (!names.includes(name)) return false;
    this.#renewed = { name, atMillis: nowMillis };
    return true;
  }

  async #replace(wanted: WantedDataPlane, nowMillis: number): Promise<void> {
    const { environment } = wanted;
    // A name that nobody can issue a token under: those have no dots.
    const name = `data-plane.${environment}.${randomBytes(4).toString('hex')}`;
    const { secret } = await this.#tokens.lend({
      name,
      scopes: dataPlaneScopes(environment),
      lifetimeMillis: LIFETIME_MILLIS,
    });
    await this.#client.apply(tokenSecret(wanted, { name, secret }), {
      force: true,
    });
    this.#renewed = { name, atMillis: nowMillis };
  }
}

/** Undefined where there is none, or what lies there is no token. */
function nameIn(found: V1Secret | undefined): string | undefined {
  return found?.data?.[TOKEN_KEY]
    ? found.metadata?.annotations?.[TOKEN_ANNOTATION]
    : undefined;
}
