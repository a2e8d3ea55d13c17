import { useEntityPresentation } from '@backstage/plugin-catalog-react';
import { RouteLink } from './RouteLink';
import styles from './views.module.css';

export interface ModelNameProps {
  /** Name of the model in the registry, which is what callers and manifests say. */
  name: string;
  /** What people call it; the catalog is asked when the page does not know. */
  title?: string;
  /** Address that the title leads to; the text alone when undefined. */
  to?: string;
}

/** A model as people call it, with the name that code calls it by beside it where that is another. */
export function ModelName({ name, title, to }: ModelNameProps) {
  const known = useModelTitle(name);
  const shown = title ?? known;
  return (
    <span>
      <RouteLink to={to}>{shown}</RouteLink>
      {shown !== name && (
        <>
          {' '}
          <code className={styles.modelName}>{name}</code>
        </>
      )}
    </span>
  );
}

/** The title of a model by the catalog; its name while that is not known. */
export function useModelTitle(name: string): string {
  const { primaryTitle } = useEntityPresentation(`resource:default/${name}`, {
    defaultKind: 'resource',
    defaultNamespace: 'default',
  });
  return primaryTitle;
}
