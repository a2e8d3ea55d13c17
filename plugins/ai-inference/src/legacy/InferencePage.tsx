import { useRouteRef } from '@backstage/frontend-plugin-api';
import { LegacyPage } from '@greenroom/ai-react/legacy';
import { RiRocket2Line } from '@remixicon/react';
import type { ReactNode } from 'react';
import { ConnectionsPage as Connections } from '../connections/ConnectionsPage';
import { DeploymentsRouter } from '../deployments/DeploymentsRouter';
import { KeysPage as Keys } from '../keys/KeysPage';
import { PlaygroundRouter } from '../playground/PlaygroundRouter';
import {
  connectionsRouteRef,
  deploymentsRouteRef,
  keysRouteRef,
  playgroundRouteRef,
} from '../routes';

export function DeploymentsPage() {
  return (
    <InferencePage>
      <DeploymentsRouter />
    </InferencePage>
  );
}

export function PlaygroundPage() {
  return (
    <InferencePage>
      <PlaygroundRouter />
    </InferencePage>
  );
}

export function KeysPage() {
  return (
    <InferencePage>
      <Keys />
    </InferencePage>
  );
}

export function ConnectionsPage() {
  return (
    <InferencePage>
      <Connections />
    </InferencePage>
  );
}

function InferencePage({ children }: { children: ReactNode }) {
  const toDeployments = useRouteRef(deploymentsRouteRef);
  const toPlayground = useRouteRef(playgroundRouteRef);
  const toKeys = useRouteRef(keysRouteRef);
  const toConnections = useRouteRef(connectionsRouteRef);
  return (
    <LegacyPage
      title="Inference"
      icon={<RiRocket2Line />}
      tabs={[
        { label: 'Deployments', path: toDeployments?.() },
        { label: 'Playground', path: toPlayground?.() },
        { label: 'Keys', path: toKeys?.() },
        { label: 'Connections', path: toConnections?.() },
      ]}
    >
      {children}
    </LegacyPage>
  );
}
