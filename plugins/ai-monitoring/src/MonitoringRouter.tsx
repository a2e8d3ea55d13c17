import { Route, Routes } from 'react-router-dom';
import { DashboardPage } from './dashboard/DashboardPage';
import { OverviewPage } from './overview/OverviewPage';

export function MonitoringRouter() {
  return (
    <Routes>
      <Route path="/" element={<OverviewPage />} />
      <Route path="/models/:name" element={<DashboardPage />} />
    </Routes>
  );
}
