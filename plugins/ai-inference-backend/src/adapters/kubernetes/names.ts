import { dataPlaneObjectName } from '@greenroom/plugin-ai-registry-common';

export const ENVIRONMENT_LABEL = 'greenroom.dev/environment';
/** Which portal has made an object: several may share a cluster. */
export const INSTALLATION_LABEL = 'greenroom.dev/installation';

/** Of all objects of an environment's data planes. */
export const nameOf = dataPlaneObjectName;

/** Selects what a portal has made, of an environment or of all. */
export function selectorOf(installation: string, environment?: string): string {
  const own = `${INSTALLATION_LABEL}=${installation}`;
  return environment === undefined
    ? own
    : `${own},${ENVIRONMENT_LABEL}=${environment}`;
}
