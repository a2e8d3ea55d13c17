import {
  Navigate,
  Route,
  Routes,
  useLocation,
  useParams,
} from 'react-router-dom';
import { ExperimentPage } from './experiment/ExperimentPage';
import { ExperimentsPage } from './experiments/ExperimentsPage';
import { placeOfMlflowLink } from './placeOfMlflowLink';
import { RunPage } from './run/RunPage';

/** Everything below `/ai-training`. */
export function TrainingRouter() {
  return (
    <Routes>
      <Route path="/" element={<ExperimentsPage />} />
      <Route path="/experiments/:id" element={<ExperimentRoute />} />
      <Route path="/runs/:runId" element={<RunRoute />} />
      <Route path="/mlflow" element={<MlflowLink />} />
    </Routes>
  );
}

/** Where links lead that MLflow's client prints. */
function MlflowLink() {
  const { hash } = useLocation();
  return <Navigate to={`../${placeOfMlflowLink(hash)}`} replace />;
}

function ExperimentRoute() {
  const { id = '' } = useParams();
  return <ExperimentPage key={id} id={id} />;
}

function RunRoute() {
  const { runId = '' } = useParams();
  return <RunPage key={runId} runId={runId} />;
}
