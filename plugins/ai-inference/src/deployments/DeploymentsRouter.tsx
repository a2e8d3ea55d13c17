import { BreadcrumbEntry, useRouteRef } from '@backstage/frontend-plugin-api';
import { useModelTitle } from '@greenroom/ai-react';
import { Route, Routes, useParams } from 'react-router-dom';
import { deploymentRouteRef } from '../routes';
import { DeploymentPage } from './DeploymentPage';
import { DeploymentsPage } from './DeploymentsPage';

export function DeploymentsRouter() {
  return (
    <Routes>
      <Route path="/" element={<DeploymentsPage />} />
      <Route path="/:environment/:model" element={<OneDeployment />} />
    </Routes>
  );
}

function OneDeployment() {
  const { environment = '', model = '' } = useParams();
  const title = useModelTitle(model);
  const toDeployment = useRouteRef(deploymentRouteRef);
  return (
    <BreadcrumbEntry
      entry={{
        label: `${title} in ${environment}`,
        href: toDeployment?.({ environment, model }) ?? '',
      }}
    >
      <DeploymentPage
        key={`${environment}/${model}`}
        environment={environment}
        model={model}
      />
    </BreadcrumbEntry>
  );
}
