import { useRouteRef } from '@backstage/frontend-plugin-api';
import type { SearchDocument } from '@backstage/plugin-search-common';
import { Link } from '@backstage/ui';
import type {
  DatasetSearchDocument,
  ModelSearchDocument,
  PromotionSearchDocument,
  VersionSearchDocument,
} from '@greenroom/plugin-ai-registry-common';
import type { ReactNode } from 'react';
import {
  datasetRouteRef,
  modelRouteRef,
  promotionRouteRef,
  versionRouteRef,
} from '../routes';
import styles from './RegistryResult.module.css';

type RegistryDocument =
  | ModelSearchDocument
  | VersionSearchDocument
  | PromotionSearchDocument
  | DatasetSearchDocument;

export interface RegistryResultProps {
  icon?: ReactNode;
  result?: SearchDocument;
}

/** A model, a version, a promotion or a dataset among the results of the portal's search. */
export function RegistryResult({ icon, result }: RegistryResultProps) {
  const link = useLinkOf(result as RegistryDocument | undefined);
  if (!result) return null;
  return (
    <div className={styles.result}>
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      <div>
        <Link href={link} weight="bold">
          {result.title}
        </Link>
        <p className={styles.text}>{result.text}</p>
      </div>
    </div>
  );
}

/** Where its page is, also where pages were moved. */
function useLinkOf(document: RegistryDocument | undefined): string {
  const toModel = useRouteRef(modelRouteRef);
  const toVersion = useRouteRef(versionRouteRef);
  const toPromotion = useRouteRef(promotionRouteRef);
  const toDataset = useRouteRef(datasetRouteRef);
  if (!document) return '#';
  const { location } = document;
  if ('dataset' in document) {
    return toDataset?.({ name: document.dataset }) ?? location;
  }
  const { model: name } = document;
  if ('promotion' in document) {
    return toPromotion?.({ id: document.promotion }) ?? location;
  }
  if ('version' in document) {
    return toVersion?.({ name, version: String(document.version) }) ?? location;
  }
  return toModel?.({ name }) ?? location;
}
