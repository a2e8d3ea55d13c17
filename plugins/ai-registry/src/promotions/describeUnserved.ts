import type {
  DataPlaneStatus,
  EnvironmentDataPlane,
} from '@greenroom/plugin-ai-inference-common';

export interface Unserved {
  status: 'info' | 'warning';
  title: string;
  description: string;
}

/** Says who will answer for a version in an environment that nobody serves now; undefined where somebody does. */
export function describeUnserved(
  environment: string,
  known: {
    dataPlanes: Pick<DataPlaneStatus, 'environment' | 'online'>[];
    environments: EnvironmentDataPlane[];
  },
): Unserved | undefined {
  const isServed = known.dataPlanes.some(
    dataPlane => dataPlane.online && dataPlane.environment === environment,
  );
  if (isServed) return undefined;
  const own = known.environments.find(
    item => item.environment === environment && item.deployer === 'local',
  );
  if (!own) {
    return {
      status: 'warning',
      title: `No data plane serves ${environment}`,
      description:
        'The version is promoted, but answers nobody until one starts.',
    };
  }
  return own.run.state === 'failing'
    ? {
        status: 'warning',
        title: `The data plane of ${environment} does not run`,
        description: `${own.run.reason}. It is tried again by itself, and the version answers nobody until it runs.`,
      }
    : {
        status: 'info',
        title: `The data plane of ${environment} starts by itself`,
        description:
          'The control plane starts it when the promotion is merged.',
      };
}
