import { Route, Routes } from 'react-router-dom';
import { PromotionPage } from './PromotionPage';
import { PromotionsPage } from './PromotionsPage';

/** Everything below `/ai-registry/promotions`. */
export function PromotionsRouter() {
  return (
    <Routes>
      <Route index element={<PromotionsPage />} />
      <Route path=":id" element={<PromotionPage />} />
    </Routes>
  );
}
