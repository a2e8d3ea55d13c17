import { Route, Routes } from 'react-router-dom';
import { DatasetPage } from './DatasetPage';
import { DatasetsPage } from './DatasetsPage';

/** Everything below `/ai-registry/datasets`. */
export function DatasetsRouter() {
  return (
    <Routes>
      <Route index element={<DatasetsPage />} />
      <Route path=":name" element={<DatasetPage />} />
      <Route path=":name/versions/:version" element={<DatasetPage />} />
    </Routes>
  );
}
