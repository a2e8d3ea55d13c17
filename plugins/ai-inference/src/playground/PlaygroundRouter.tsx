import { Route, Routes } from 'react-router-dom';
import { ChooseModel } from './ChooseModel';
import { PlaygroundPage } from './PlaygroundPage';

export function PlaygroundRouter() {
  return (
    <Routes>
      <Route path="/" element={<ChooseModel />} />
      <Route path="/:model" element={<PlaygroundPage />} />
    </Routes>
  );
}
