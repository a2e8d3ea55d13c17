import { Alert } from '@backstage/ui';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';

/** How far a data plane is that slept; nothing where one is online. */
export function WakingNote({ deployment }: { deployment: Deployment }) {
  const { convergence, dataPlanes, environment } = deployment;
  if (!dataPlanes.onDemand || convergence.state === 'serving') return null;
  return (
    <p role="status">
      {convergence.state === 'asleep'
        ? `The data plane of ${environment} sleeps and is being woken.`
        : `${convergence.reason}.`}
    </p>
  );
}

/** What to do while nobody answers. */
export function UnservedAlert(props: {
  deployment: Deployment;
  address: string | undefined;
}) {
  const { deployment, address } = props;
  const { dataPlanes, environment } = deployment;
  return (
    <Alert
      status="info"
      icon
      title={
        dataPlanes.onDemand
          ? `The data plane of ${environment} sleeps`
          : `No data plane of ${environment} is online`
      }
      description={whenUnserved(deployment, address)}
    />
  );
}

function whenUnserved(
  { dataPlanes }: Deployment,
  address: string | undefined,
): string {
  if (dataPlanes.onDemand) {
    return 'Ask the model to wake it. Callers outside the portal do not wake it: the address in the code below is a real one while it runs.';
  }
  return address === undefined
    ? 'The code below gets a real address as soon as one reports.'
    : `${address} answers as soon as one is.`;
}
