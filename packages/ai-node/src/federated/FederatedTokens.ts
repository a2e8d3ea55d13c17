import {
  coreServices,
  createServiceFactory,
  createServiceRef,
  type LoggerService,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';
import { decodeJwt, jwtVerify } from 'jose';
import { readServiceTokens } from '../serviceToken';
import { type FederatedToken, problemWithToken } from './federatedToken';
import { IssuerKeys } from './IssuerKeys';

const ALGORITHMS = ['RS256', 'ES256'];
/** However late a token says that it ends. */
const MAX_AGE_SECONDS = 60 * 60;
/** Clocks of two machines may differ by this. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** GitHub's have about 2,000 characters. */
const MAX_CHARACTERS = 16 * 1024;
/** Who sends many wrong tokens does not fill the log. */
const MAX_REFUSALS_A_MINUTE = 20;

/**
 * Tells which of the entries of the configuration a token of an issuer is taken as.
 *
 * @remarks
 *
 * Why one is refused stands in the log, for those who set it up, and not in the answer: it would tell
 * strangers what they have to say.
 */
export class FederatedTokens {
  readonly #tokens: FederatedToken[];
  readonly #keys: Map<string, IssuerKeys>;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;
  #refusals = { minute: -1, count: 0 };

  constructor(options: {
    tokens: FederatedToken[];
    logger: LoggerService;
    clock?: () => Date;
    nowMillis?: () => number;
  }) {
    const { nowMillis } = options;
    this.#tokens = options.tokens;
    this.#logger = options.logger;
    this.#clock = options.clock ?? (() => new Date());
    this.#keys = new Map(
      options.tokens.map(({ issuer, jwksUrl }) => [
        keysOf({ issuer, jwksUrl }),
        new IssuerKeys({ issuer, jwksUrl, nowMillis }),
      ]),
    );
  }

  /**
   * The first entry that takes it; undefined when none does, or when it is something else.
   *
   * @throws ServiceUnavailableError when its issuer does not answer
   */
  async findByText(text: string): Promise<FederatedToken | undefined> {
    const issuer = issuerOf(text);
    if (issuer === undefined) return undefined;
    const refusals: string[] = [];
    for (const token of this.#tokens) {
      if (token.issuer === issuer) {
        const problem = await this.#problemWith(text, token);
        if (problem === undefined) return token;
        refusals.push(`'${token.name}': ${problem}`);
      }
    }
    if (refusals.length > 0) this.#logRefusal(issuer, refusals);
    return undefined;
  }

  async #problemWith(
    text: string,
    token: FederatedToken,
  ): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(
        text,
        this.#keys.get(keysOf(token))!.find,
        {
          algorithms: ALGORITHMS,
          issuer: token.issuer,
          requiredClaims: ['exp', 'iat'],
          maxTokenAge: MAX_AGE_SECONDS,
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: this.#clock(),
        },
      );
      return problemWithToken(token, payload);
    } catch (error) {
      if (error instanceof ServiceUnavailableError) {
        this.#logRefusal(token.issuer, [
          `its keys could not be fetched: ${reasonOf(error.cause)}`,
        ]);
        throw error;
      }
      return reasonOf(error);
    }
  }

  #logRefusal(issuer: string, reasons: string[]): void {
    const minute = Math.floor(this.#clock().getTime() / 60_000);
    if (this.#refusals.minute !== minute) this.#refusals = { minute, count: 0 };
    this.#refusals.count += 1;
    if (this.#refusals.count > MAX_REFUSALS_A_MINUTE) return;
    this.#logger.warn(
      `A token of ${issuer} was refused; as ${reasons.join('; as ')}`,
    );
  }
}

function keysOf({
  issuer,
  jwksUrl,
}: Pick<FederatedToken, 'issuer' | 'jwksUrl'>): string {
  return JSON.stringify([issuer, jwksUrl]);
}

/** Who the token says that it is from, before anything was checked; undefined when it is no such token. */
function issuerOf(text: string): string | undefined {
  if (text.length > MAX_CHARACTERS || text.split('.').length !== 3) {
    return undefined;
  }
  try {
    return decodeJwt(text).iss;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One for all plugins of a process, so that they share the issuers' keys. */
export const federatedTokensServiceRef = createServiceRef<FederatedTokens>({
  id: 'greenroom.federated-tokens',
  scope: 'root',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: {
        config: coreServices.rootConfig,
        logger: coreServices.rootLogger,
      },
      factory: ({ config, logger }) =>
        new FederatedTokens({
          logger,
          tokens: readServiceTokens(config).flatMap(token =>
            'issuer' in token ? [token] : [],
          ),
        }),
    }),
});
