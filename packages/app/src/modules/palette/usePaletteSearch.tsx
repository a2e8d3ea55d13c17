import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { searchApiRef } from '@backstage/plugin-search-react';
import type { SearchResult } from '@backstage/plugin-search-common';
import aiRegistryPlugin, {
  aiRegistryApiRef,
} from '@greenroom/plugin-ai-registry';
import { type Model, SEARCH_TYPES } from '@greenroom/plugin-ai-registry-common';
import {
  RiBox3Line,
  RiDatabase2Line,
  RiFileTextLine,
  RiGitPullRequestLine,
  RiShapesLine,
  RiStackLine,
} from '@remixicon/react';
import { useState } from 'react';
import { useDebounce } from 'react-use';
import type { PaletteEntry, PaletteGroup } from './paletteEntries';

const DEBOUNCE_MILLIS = 150;
const MODEL_LIMIT = 6;
const RESULT_LIMIT = 25;

const LOOKS: Record<string, { group: PaletteGroup; icon: JSX.Element }> = {
  [SEARCH_TYPES.version]: { group: 'Versions', icon: <RiStackLine /> },
  [SEARCH_TYPES.promotion]: {
    group: 'Promotions',
    icon: <RiGitPullRequestLine />,
  },
  [SEARCH_TYPES.dataset]: { group: 'Datasets', icon: <RiDatabase2Line /> },
  'software-catalog': { group: 'Catalog', icon: <RiShapesLine /> },
  techdocs: { group: 'Documentation', icon: <RiFileTextLine /> },
};

interface Found {
  entries: PaletteEntry[];
  /** A part could not be asked. */
  failed: boolean;
}

/** What the portal knows under these words; `undefined` while it is asked. */
export function usePaletteSearch(term: string): Found | undefined {
  const search = useApi(searchApiRef);
  const registry = useApi(aiRegistryApiRef);
  const modelLink = useRouteRef(aiRegistryPlugin.routes.model);
  const [found, setFound] = useState<Found & { term: string }>();
  useDebounce(
    () => {
      const asked = term.trim();
      if (!asked) return;
      // Models come from the registry, which knows them at once; the index of the search learns of them later.
      Promise.allSettled([
        registry.listModels({ search: asked, limit: MODEL_LIMIT }),
        search.query({
          term: asked,
          types: Object.keys(LOOKS),
          pageLimit: RESULT_LIMIT,
        }),
      ]).then(([models, results]) =>
        setFound({
          term: asked,
          failed: [models, results].some(({ status }) => status === 'rejected'),
          entries: [
            ...(models.status === 'fulfilled'
              ? models.value.items.map(model =>
                  modelEntry(model, modelLink?.({ name: model.name })),
                )
              : []),
            ...(results.status === 'fulfilled'
              ? results.value.results.map(resultEntry)
              : []),
          ],
        }),
      );
    },
    DEBOUNCE_MILLIS,
    [term, search, registry, modelLink],
  );
  if (!term.trim()) return { entries: [], failed: false };
  // An answer to words that are no longer there is none.
  return found?.term === term.trim() ? found : undefined;
}

function modelEntry(model: Model, href = '#'): PaletteEntry {
  return {
    id: `model-${model.name}`,
    group: 'Models',
    title: model.title,
    detail: model.title === model.name ? undefined : model.name,
    icon: <RiBox3Line />,
    action: { href },
  };
}

function resultEntry({ type, document }: SearchResult): PaletteEntry {
  return {
    id: `${type}-${document.location}`,
    title: document.title,
    ...LOOKS[type],
    action: { href: document.location },
  };
}
