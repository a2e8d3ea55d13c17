import { useRouteRef } from '@backstage/frontend-plugin-api';
import { LegacyPage } from '@greenroom/ai-react/legacy';
import { RiBox3Line } from '@remixicon/react';
import type { ReactNode } from 'react';
import { AuditPage } from '../audit/AuditPage';
import { DatasetsRouter } from '../datasets/DatasetsRouter';
import { ModelsRouter } from '../models/ModelsRouter';
import { PromotionsRouter } from '../promotions/PromotionsRouter';
import { WebhooksRouter } from '../webhooks/WebhooksRouter';
import {
  auditRouteRef,
  datasetsRouteRef,
  modelsRouteRef,
  promotionsRouteRef,
  webhooksRouteRef,
} from '../routes';

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

export function DatasetsPage() {
  return (
    <RegistryPage>
      <DatasetsRouter />
    </RegistryPage>
  );
}

export function AuditLogPage() {
  return (
    <RegistryPage>
      <AuditPage />
    </RegistryPage>
  );
}

export function WebhooksPage() {
  return (
    <RegistryPage>
      <WebhooksRouter />
    </RegistryPage>
  );
}

function RegistryPage({ children }: { children: ReactNode }) {
  const toModels = useRouteRef(modelsRouteRef);
  const toPromotions = useRouteRef(promotionsRouteRef);
  const toDatasets = useRouteRef(datasetsRouteRef);
  const toWebhooks = useRouteRef(webhooksRouteRef);
  const toAudit = useRouteRef(auditRouteRef);
  return (
    <LegacyPage
      title="AI registry"
      icon={<RiBox3Line />}
      tabs={[
        { label: 'Models', path: toModels?.() },
        { label: 'Promotions', path: toPromotions?.() },
        // Apps that were set up before there were these do not mount them.
        ...(toDatasets ? [{ label: 'Datasets', path: toDatasets() }] : []),
        ...(toWebhooks ? [{ label: 'Web hooks', path: toWebhooks() }] : []),
        { label: 'Audit log', path: toAudit?.() },
      ]}
    >
      {children}
    </LegacyPage>
  );
}
