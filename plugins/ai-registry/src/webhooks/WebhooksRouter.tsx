import { Route, Routes } from 'react-router-dom';
import { WebhookPage } from './WebhookPage';
import { WebhooksPage } from './WebhooksPage';

/** Everything below `/ai-registry/webhooks`. */
export function WebhooksRouter() {
  return (
    <Routes>
      <Route index element={<WebhooksPage />} />
      <Route path=":id" element={<WebhookPage />} />
    </Routes>
  );
}
