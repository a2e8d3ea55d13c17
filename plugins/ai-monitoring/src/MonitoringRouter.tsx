import { BreadcrumbEntry, useRouteRef } from '@backstage/frontend-plugin-api';
import { useModelTitle } from '@greenroom/ai-react';
import { Route, Routes, useParams } from 'react-router-dom';
import { DashboardPage } from './dashboard/DashboardPage';
import { OverviewPage } from './overview/OverviewPage';
import { modelRouteRef } from './routes';

export function MonitoringRouter() {
  return (
    <Routes>
      <Route path="/" element={<OverviewPage />} />
      <Route path="/models/:name" element={<ModelDashboard />} />
    </Routes>
  );
}

function ModelDashboard() {
  const { name = '' } = useParams();
  const title = useModelTitle(name);
  const toModel = useRouteRef(modelRouteRef);
  return (
    <BreadcrumbEntry entry={{ label: title, href: toModel?.({ name }) ?? '' }}>
      <DashboardPage key={name} model={name} />
    </BreadcrumbEntry>
  );
}
