import { BreadcrumbEntry, useRouteRef } from '@backstage/frontend-plugin-api';
import { useModelTitle } from '@greenroom/ai-react';
import { Route, Routes, useParams } from 'react-router-dom';
import { ChooseModel } from './ChooseModel';
import { playgroundModelRouteRef } from '../routes';
import { PlaygroundPage } from './PlaygroundPage';

export function PlaygroundRouter() {
  return (
    <Routes>
      <Route path="/" element={<ChooseModel />} />
      <Route path="/:model" element={<ModelPlayground />} />
    </Routes>
  );
}

function ModelPlayground() {
  const { model = '' } = useParams();
  const title = useModelTitle(model);
  const toModel = useRouteRef(playgroundModelRouteRef);
  return (
    <BreadcrumbEntry entry={{ label: title, href: toModel?.({ model }) ?? '' }}>
      <PlaygroundPage key={model} model={model} />
    </BreadcrumbEntry>
  );
}
