import {
  Navigate,
  Route,
  Routes,
  useLocation,
  useParams,
} from 'react-router-dom';
import { CostsPage } from './costs/CostsPage';
import { ExperimentPage } from './experiment/ExperimentPage';
import { ExperimentsPage } from './experiments/ExperimentsPage';
import { JobPage } from './job/JobPage';
import { JobsPage } from './jobs/JobsPage';
import { placeOfMlflowLink } from './placeOfMlflowLink';
import { QueuePage } from './queue/QueuePage';
import { RunPage } from './run/RunPage';
import { StartPage } from './start/StartPage';
import { TemplatesPage } from './templates/TemplatesPage';

/** Everything below `/ai-training`. */
export function TrainingRouter() {
  return (
    <Routes>
      <Route path="/" element={<ToExperiments />} />
      <Route path="/experiments" element={<ExperimentsPage />} />
      <Route path="/experiments/:id" element={<ExperimentRoute />} />
      <Route path="/runs/:runId" element={<RunRoute />} />
      <Route path="/jobs" element={<JobsPage />} />
      <Route path="/jobs/:id" element={<JobRoute />} />
      <Route path="/templates" element={<TemplatesPage />} />
      <Route path="/templates/:name/start" element={<StartRoute />} />
      <Route path="/queue" element={<QueuePage />} />
      <Route path="/costs" element={<CostsPage />} />
      <Route path="/mlflow" element={<MlflowLink />} />
    </Routes>
  );
}

/** The experiments were here, with what was searched for: links from then still find it. */
function ToExperiments() {
  const { search } = useLocation();
  return <Navigate to={`experiments${search}`} replace />;
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

function JobRoute() {
  const { id = '' } = useParams();
  return <JobPage key={id} id={id} />;
}

function StartRoute() {
  const { name = '' } = useParams();
  const { search } = useLocation();
  return <StartPage key={`${name}${search}`} name={name} />;
}
