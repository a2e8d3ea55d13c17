import type {
  NavContentNavItem,
  NavContentNavItems,
} from '@backstage/plugin-app-react';

export interface NavigationSections {
  home: NavContentNavItem[];
  /** The AI platform. */
  platform: NavContentNavItem[];
  /** The rest of the portal. */
  portal: NavContentNavItem[];
  /** About the portal itself. */
  settings: NavContentNavItem[];
}

export interface NavigationProps {
  sections: NavigationSections;
  /** Opens the command palette. */
  onSearch(): void;
}

const HOME = ['page:home'];
const PLATFORM = [
  'page:ai-registry',
  'page:ai-inference',
  'page:ai-monitoring',
  'page:ai-training',
];
const PORTAL = [
  'page:catalog',
  'page:api-docs',
  'page:scaffolder',
  'page:techdocs',
];
const SETTINGS = ['page:user-settings'];
const DEBUGGER = 'page:app-visualizer';

/** Reached in another way: search by a button, notifications with their count, the others where they are needed. */
const ELSEWHERE = [
  'page:search',
  'page:notifications',
  'page:catalog-graph',
  'page:catalog-import',
];

/** Which page stands where; a plugin that nobody thought of comes after the portal's own. */
export function sortNavigation(
  items: NavContentNavItems,
  options: { mayDebug: boolean },
): NavigationSections {
  const take = (ids: string[]) =>
    ids.map(id => items.take(id)).filter(item => item !== undefined);
  take(ELSEWHERE);
  const home = take(HOME);
  const platform = take(PLATFORM);
  const portal = take(PORTAL);
  const settings = take(SETTINGS);
  const debuggers = take([DEBUGGER]);
  const rest = [...items.rest()].sort((a, b) => a.title.localeCompare(b.title));
  return {
    home,
    platform,
    portal: [...portal, ...rest],
    settings: options.mayDebug ? [...debuggers, ...settings] : settings,
  };
}
