import { Route, Routes } from 'react-router-dom';
import { ComparePage } from '../compare/ComparePage';
import { EvaluationRunPage } from '../evaluationRuns/EvaluationRunPage';
import { ModelPage } from '../model/ModelPage';
import { VersionPage } from '../versions/VersionPage';
import { ModelsPage } from './ModelsPage';

/** Everything below `/ai-registry/models`. */
export function ModelsRouter() {
  return (
    <Routes>
      <Route index element={<ModelsPage />} />
      <Route path=":name/versions/:version" element={<VersionPage />} />
      <Route
        path=":name/versions/:version/evaluation-runs/:run"
        element={<EvaluationRunPage />}
      />
      <Route path=":name/compare" element={<ComparePage />} />
      <Route path=":name/*" element={<ModelPage />} />
    </Routes>
  );
}
