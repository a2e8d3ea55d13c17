import type { Environment } from '@greenroom/plugin-ai-registry-common';

/** Has a data plane of an environment run, where one sleeps until it is needed. */
export interface DataPlaneWaker {
  /** @returns what is known of it, in a sentence for people */
  wake(environment: Environment): Promise<string>;
}
