import { parseEntityRef } from '@backstage/catalog-model';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import {
  entityRouteRef,
  useEntityPresentation,
} from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import { trainingJobOf } from '@greenroom/plugin-ai-registry-common';
import styles from './views.module.css';

export interface PersonNameProps {
  /** `user:default/ada`, `group:default/vision`, `service:<subject>` for a machine, `plugin:<id>` for the portal's own doing, or a Git author, `Ada <ada@example.com>`. */
  entityRef: string;
}

/** A person or group by their display name, linked to their page where the app has one. */
export function PersonName({ entityRef }: PersonNameProps) {
  if (/^(service:)?plugin:/.test(entityRef)) {
    return <span title={entityRef}>Greenroom, by itself</span>;
  }
  if (trainingJobOf(entityRef)) {
    return <span title={entityRef}>A training job</span>;
  }
  if (!isCatalogRef(entityRef)) {
    return (
      <span title={entityRef}>
        {entityRef.replace(/^service:(external:)?/, '').replace(/ <.*>$/, '')}
      </span>
    );
  }
  return <CatalogName entityRef={entityRef} />;
}

function CatalogName({ entityRef }: PersonNameProps) {
  const { primaryTitle } = useEntityPresentation(entityRef, {
    defaultKind: 'user',
  });
  const toEntity = useRouteRef(entityRouteRef);
  if (!toEntity) return <span title={entityRef}>{primaryTitle}</span>;
  const { kind, namespace, name } = parseEntityRef(entityRef);
  return (
    <Link
      href={toEntity({ kind: kind.toLocaleLowerCase('en'), namespace, name })}
      title={entityRef}
      className={styles.link}
    >
      {primaryTitle}
    </Link>
  );
}

function isCatalogRef(entityRef: string): boolean {
  return /^(user|group|system|component):[^/]+\/[^/]+$/i.test(entityRef);
}
