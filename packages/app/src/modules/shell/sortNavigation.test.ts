import type {
  NavContentNavItem,
  NavContentNavItems,
} from '@backstage/plugin-app-react';
import { sortNavigation } from './sortNavigation';

function bagOf(ids: string[]): NavContentNavItems {
  const left = new Map(
    ids.map(id => [id, { title: id, href: `/${id}` } as NavContentNavItem]),
  );
  return {
    take: id => {
      const item = left.get(id);
      left.delete(id);
      return item;
    },
    rest: () => [...left.values()],
    clone: () => bagOf([...left.keys()]),
    withComponent: () => {
      throw new Error('not asked for here');
    },
  };
}

const titles = (items: NavContentNavItem[]) => items.map(({ title }) => title);

const pages = [
  'page:zoo',
  'page:search',
  'page:app-visualizer',
  'page:ai-monitoring',
  'page:catalog',
  'page:ai-registry',
  'page:ai-training',
  'page:notifications',
  'page:user-settings',
  'page:home',
  'page:ant',
];

describe('sortNavigation', () => {
  it('puts home first, the platform next, and what nobody thought of after the portal', () => {
    const sections = sortNavigation(bagOf(pages), { mayDebug: false });
    expect(titles(sections.home)).toEqual(['page:home']);
    expect(titles(sections.platform)).toEqual([
      'page:ai-registry',
      'page:ai-monitoring',
      'page:ai-training',
    ]);
    expect(titles(sections.portal)).toEqual([
      'page:catalog',
      'page:ant',
      'page:zoo',
    ]);
    expect(titles(sections.settings)).toEqual(['page:user-settings']);
  });

  it('shows the debugger to those who may debug the portal', () => {
    const sections = sortNavigation(bagOf(pages), { mayDebug: true });
    expect(titles(sections.settings)).toEqual([
      'page:app-visualizer',
      'page:user-settings',
    ]);
  });
});
