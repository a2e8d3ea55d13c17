import type { ReactNode } from 'react';

/** Groups in the order in which they are shown. */
export const PALETTE_GROUPS = [
  'Pages',
  'Models',
  'Versions',
  'Promotions',
  'Datasets',
  'Actions',
  'Catalog',
  'Documentation',
] as const;

export type PaletteGroup = (typeof PALETTE_GROUPS)[number];

export interface PaletteEntry {
  id: string;
  group: PaletteGroup;
  title: string;
  /** What tells it from others with this title. */
  detail?: string;
  icon?: ReactNode;
  /** Other words to find it by. */
  keywords?: string;
  /** Where it leads, or what it does. */
  action: { href: string } | { run(): void };
}

/** Entries of a group that are shown; one who wants more types more. */
const GROUP_LIMIT = 6;

/** Those of the fixed entries that have every word which was typed. */
export function matching(entries: PaletteEntry[], term: string) {
  const words = term.toLocaleLowerCase('en').split(/\s+/).filter(Boolean);
  return entries.filter(({ title, detail = '', keywords = '' }) => {
    const text = `${title} ${detail} ${keywords}`.toLocaleLowerCase('en');
    return words.every(word => text.includes(word));
  });
}

/** In groups, each as long as one can look over. */
export function grouped(entries: PaletteEntry[]) {
  return PALETTE_GROUPS.map(group => ({
    group,
    entries: entries
      .filter(entry => entry.group === group)
      .slice(0, GROUP_LIMIT),
  })).filter(section => section.entries.length > 0);
}
