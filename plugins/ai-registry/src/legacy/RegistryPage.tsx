import { useRouteRef } from '@backstage/frontend-plugin-api';
import { LegacyPage } from '@greenroom/ai-react/legacy';
import { RiBox3Line } from '@remixicon/react';
import type { ReactNode } from 'react';
import { ModelsRouter } from '../models/ModelsRouter';
import { PromotionsRouter } from '../promotions/PromotionsRouter';
import { modelsRouteRef, promotionsRouteRef } from '../routes';

export function ModelsPage() {
  return (
    <RegistryPage>
      <ModelsRouter />
    </RegistryPage>
  );
}

export function PromotionsPage() {
  return (
    <RegistryPage>
      <PromotionsRouter />
    </RegistryPage>
  );
}

function RegistryPage({ children }: { children: ReactNode }) {
  const toModels = useRouteRef(modelsRouteRef);
  const toPromotions = useRouteRef(promotionsRouteRef);
  return (
    <LegacyPage
      title="AI registry"
      icon={<RiBox3Line />}
      tabs={[
        { label: 'Models', path: toModels?.() },
        { label: 'Promotions', path: toPromotions?.() },
      ]}
    >
      {children}
    </LegacyPage>
  );
}
