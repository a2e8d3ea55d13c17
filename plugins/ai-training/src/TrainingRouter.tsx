import { Route, Routes, useParams } from 'react-router-dom';
import { ExperimentPage } from './experiment/ExperimentPage';
import { ExperimentsPage } from './experiments/ExperimentsPage';
import { RunPage } from './run/RunPage';

/** Everything below `/ai-training`. */
export function TrainingRouter() {
  return (
    <Routes>
      <Route path="/" element={<ExperimentsPage />} />
      <Route path="/experiments/:id" element={<ExperimentRoute />} />
      <Route path="/runs/:runId" element={<RunRoute />} />
    </Routes>
  );
}

function ExperimentRoute() {
  const { id = '' } = useParams();
  return <ExperimentPage key={id} id={id} />;
}

function RunRoute() {
  const { runId = '' } = useParams();
  return <RunPage key={runId} runId={runId} />;
}
