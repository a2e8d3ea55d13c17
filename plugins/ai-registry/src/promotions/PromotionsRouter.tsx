import { Route, Routes } from 'react-router-dom';
import { PipelinePage } from './pipeline/PipelinePage';
import { PromotionPage } from './PromotionPage';
import { PromotionsPage } from './PromotionsPage';

/** Everything below `/ai-registry/promotions`. */
export function PromotionsRouter() {
  return (
    <Routes>
      <Route index element={<PromotionsPage />} />
      <Route path="pipeline" element={<PipelinePage />} />
      <Route path=":id" element={<PromotionPage />} />
    </Routes>
  );
}
