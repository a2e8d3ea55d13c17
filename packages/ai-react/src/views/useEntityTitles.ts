import { useApiHolder } from '@backstage/frontend-plugin-api';
import {
  defaultEntityPresentation,
  type EntityPresentationApi,
  entityPresentationApiRef,
} from '@backstage/plugin-catalog-react';
import { useEffect, useState } from 'react';

/**
 * Titles of entities as `PersonName` has them, for charts and lists that take texts alone.
 *
 * @param entityRefs - such as `group:default/vision`
 * @returns the title of one of them; with its ref where another one has the same
 */
export function useEntityTitles(
  entityRefs: readonly string[],
): (entityRef: string) => string {
  const presentations = useApiHolder().get(entityPresentationApiRef);
  const [known, setKnown] = useState<ReadonlyMap<string, string>>(new Map());
  const text = [...new Set(entityRefs)].sort().join('\n');
  useEffect(() => {
    let isCurrent = true;
    const refs = text === '' ? [] : text.split('\n');
    Promise.all(
      refs.map(async ref => [ref, await titleOf(ref, presentations)] as const),
    ).then(titles => {
      if (isCurrent) setKnown(new Map(titles));
    });
    return () => {
      isCurrent = false;
    };
  }, [presentations, text]);
  return entityRef => {
    const title = known.get(entityRef) ?? titleOfRef(entityRef);
    const same = [...known.values()].filter(other => other === title);
    return same.length > 1 ? `${title} (${entityRef})` : title;
  };
}

async function titleOf(
  entityRef: string,
  presentations: EntityPresentationApi | undefined,
): Promise<string> {
  try {
    const shown = await presentations?.forEntity(
      entityRef,
      contextOf(entityRef),
    ).promise;
    return shown?.primaryTitle ?? titleOfRef(entityRef);
  } catch {
    // One that is not known keeps no other one from its title.
    return titleOfRef(entityRef);
  }
}

function titleOfRef(entityRef: string): string {
  try {
    return defaultEntityPresentation(entityRef, contextOf(entityRef))
      .primaryTitle;
  } catch {
    return entityRef;
  }
}

/** So that the kind is not told where there is no title. */
function contextOf(entityRef: string) {
  return { defaultKind: entityRef.split(':')[0] };
}
