import {
  SearchFilterResultTypeBlueprint,
  SearchResultListItemBlueprint,
} from '@backstage/plugin-search-react/alpha';
import { SEARCH_TYPES } from '@greenroom/plugin-ai-registry-common';
import {
  RiBox3Line,
  RiDatabase2Line,
  RiGitPullRequestLine,
  RiStackLine,
} from '@remixicon/react';

const TYPES = [
  {
    name: 'models',
    type: SEARCH_TYPES.model,
    title: 'Models',
    icon: <RiBox3Line />,
  },
  {
    name: 'versions',
    type: SEARCH_TYPES.version,
    title: 'Versions',
    icon: <RiStackLine />,
  },
  {
    name: 'promotions',
    type: SEARCH_TYPES.promotion,
    title: 'Promotions',
    icon: <RiGitPullRequestLine />,
  },
  {
    name: 'datasets',
    type: SEARCH_TYPES.dataset,
    title: 'Datasets',
    icon: <RiDatabase2Line />,
  },
];

/** How the portal's search shows models, versions, promotions and datasets, and offers them as types of results. */
export const searchExtensions = TYPES.flatMap(({ name, type, title, icon }) => [
  SearchFilterResultTypeBlueprint.make({
    name,
    params: { value: type, name: title, icon },
  }),
  SearchResultListItemBlueprint.make({
    name,
    params: {
      icon,
      predicate: result => result.type === type,
      component: async () => (await import('./RegistryResult')).RegistryResult,
    },
  }),
]);
