import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { IssuedTokens } from '@greenroom/ai-node';
import { randomBytes } from 'node:crypto';
import type { DeployedState, Deployer } from '../../deployers/Deployer';
import { dataPlaneScopes } from '../dataPlanePermissions';
import { adoptSecrets } from './adoptSecrets';
import { childEnvironment } from './childEnvironment';
import { LocalDataPlane, type PreparedChild } from './LocalDataPlane';

const TOKEN_LIFETIME_MILLIS = 2 * 60_000;
const RENEW_AFTER_MILLIS = 30_000;

/** Lends tokens to processes. */
export type TokenLender = Pick<IssuedTokens, 'lend' | 'renew' | 'takeBack'>;

/** What a local data plane of an environment needs. */
export interface LocalEnvironment {
  /** Any when left out. */
  port?: number;
  /** Variables in which secrets of its connections lie. */
  variables?: readonly string[];
  /** Files in which secrets of its connections lie. */
  secretFiles?: readonly string[];
}

export interface LocalDeployerOptions {
  /** Environments whose data planes run on this machine. */
  environments: Map<string, LocalEnvironment>;
  /** Absolute path of the data plane's program. */
  program: string;
  /** Absolute path of the folder in which each environment has one. */
  directory: string;
  /** Where data planes reach the control plane. */
  controlPlaneUrl(): Promise<string>;
  tokens: TokenLender;
  logger: LoggerService;
  clock: () => Date;
  /** Between two looks at whether a data plane is stuck. */
  lookMillis?: number;
}

/**
 * Runs data planes as child processes of the control plane, on its machine. Each has a token of
 * its own that ends with it, and ends itself when the control plane is gone.
 */
export class LocalDeployer implements Deployer {
  readonly isManaging = true;
  readonly outlivesControlPlane = false;
  readonly #options: LocalDeployerOptions;
  readonly #dataPlanes: Map<string, LocalDataPlane>;
  /** Names of the tokens of living processes. */
  readonly #tokens = new Set<string>();
  #renewedAtMillis = 0;
  #isStopped = false;
  readonly #listeners: (() => void)[] = [];

  constructor(options: LocalDeployerOptions) {
    this.#options = options;
    const { program, logger, clock, lookMillis } = options;
    this.#dataPlanes = new Map(
      [...options.environments].map(([environment, { port }]) => [
        environment,
        new LocalDataPlane({
          environment,
          program,
          logger,
          clock,
          lookMillis,
          onChanged: () => this.#listeners.forEach(listener => listener()),
          prepare: () => this.#prepare(environment, port),
        }),
      ]),
    );
  }

  onChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async reconcile(request: {
    environment: string;
    wanted: boolean;
  }): Promise<DeployedState> {
    const { environment, wanted } = request;
    const dataPlane = this.#dataPlanes.get(environment);
    if (!dataPlane) {
      throw new Error(`'${environment}' has no local data plane`);
    }
    if (wanted && !this.#isStopped) dataPlane.want();
    else dataPlane.unwant();
    this.#renewTokens();
    return dataPlane.state;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(
      [...this.#dataPlanes.values()].map(async dataPlane => {
        dataPlane.unwant();
        await dataPlane.ended();
      }),
    );
  }

  async #prepare(
    environment: string,
    port: number | undefined,
  ): Promise<PreparedChild> {
    const { tokens, directory, controlPlaneUrl, logger } = this.#options;
    // A name that nobody can issue a token under: those have no dots.
    const name = `data-plane.${environment}.${randomBytes(4).toString('hex')}`;
    const url = await controlPlaneUrl();
    const { variables, secretFiles = [] } =
      this.#options.environments.get(environment) ?? {};
    const adopted = await adoptSecrets({
      directory,
      environment,
      names: secretFiles,
    });
    adopted.forEach(sentence => logger.warn(sentence));
    const { secret } = await tokens.lend({
      name,
      scopes: dataPlaneScopes(environment),
      lifetimeMillis: TOKEN_LIFETIME_MILLIS,
    });
    this.#tokens.add(name);
    return {
      secret,
      environment: childEnvironment({
        environment,
        controlPlaneUrl: url,
        token: secret,
        directory,
        port,
        surroundings: process.env,
        variables,
      }),
      onEnded: () => {
        this.#tokens.delete(name);
        // It lapses by itself where this does not succeed.
        tokens
          .takeBack(name)
          .catch(error =>
            logger.warn(
              `The token '${name}' could not be taken back`,
              toError(error),
            ),
          );
      },
    };
  }

  /** Nobody waits for it: while the database is away, nobody can check the tokens, either. */
  #renewTokens(): void {
    const { tokens, clock, logger } = this.#options;
    const nowMillis = clock().getTime();
    if (this.#tokens.size === 0) return;
    if (nowMillis - this.#renewedAtMillis < RENEW_AFTER_MILLIS) return;
    this.#renewedAtMillis = nowMillis;
    tokens
      .renew([...this.#tokens], TOKEN_LIFETIME_MILLIS)
      .catch(error =>
        logger.warn(
          'The tokens of local data planes were not renewed',
          toError(error),
        ),
      );
  }
}
