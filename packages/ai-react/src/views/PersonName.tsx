import { parseEntityRef } from '@backstage/catalog-model';
import { useEntityPresentation } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import styles from './views.module.css';

export interface PersonNameProps {
  /** `user:default/ada`, `group:default/vision`, `service:<subject>` for a machine, or a Git author, `Ada <ada@example.com>`. */
  entityRef: string;
}

/** A person or group by their display name, linked to their page. */
export function PersonName({ entityRef }: PersonNameProps) {
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
  const { kind, namespace, name } = parseEntityRef(entityRef);
  return (
    <Link
      href={`/catalog/${encodeURIComponent(namespace)}/${encodeURIComponent(
        kind.toLocaleLowerCase('en'),
      )}/${encodeURIComponent(name)}`}
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
