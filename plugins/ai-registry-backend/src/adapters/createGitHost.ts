import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Loop } from '@greenroom/ai-node';
import type express from 'express';
import type { Knex } from 'knex';
import type { RegistryConfig } from '../config';
import type { GitHost } from '../environments/GitHost';
import { createGitHub } from './github/createGitHub';
import { LocalGitHost } from './localGit/LocalGitHost';

/** Below the plugin's address: what a Git host tells of comes here. */
export const WEBHOOK_PATH = '/git-host/webhook';

/** A Git host, and what there is to be run and mounted for it. */
export interface ConnectedGitHost {
  gitHost: GitHost;
  /** Annotation of catalog users that names their account there; undefined where there are none. */
  accountAnnotation?: string;
  /** Takes what the host tells; nobody is signed in there. */
  router?: express.Router;
  loops: Loop[];
}

/** The Git host that the configuration names. */
export async function createGitHost(options: {
  config: Pick<RegistryConfig, 'environmentsRepository' | 'environments'>;
  knex: Knex;
  logger: LoggerService;
}): Promise<ConnectedGitHost> {
  const { config, knex, logger } = options;
  const { directory, github } = config.environmentsRepository;
  const environments = config.environments.names;
  if (github) {
    const settings = github;
    return createGitHub({ settings, directory, environments, knex, logger });
  }
  const gitHost = await LocalGitHost.create({ directory, environments, knex });
  return { gitHost, loops: [closing(() => gitHost.close())] };
}

/** Nothing to be run, but something to be ended. */
export function closing(close: () => Promise<void>): Loop {
  return { start() {}, stop: close };
}
