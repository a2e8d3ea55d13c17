import { RiSearchLine } from '@remixicon/react';
import { NavigationLink } from './NavigationLink';

export function SearchLink() {
  return (
    <NavigationLink href="/search" title="Search" icon={<RiSearchLine />} />
  );
}
