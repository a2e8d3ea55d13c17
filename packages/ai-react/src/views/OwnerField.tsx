import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import { Combobox } from '@backstage/ui';
import useAsync from 'react-use/esm/useAsync';
import { fieldError } from './fieldError';
import { useCatalogRefs } from './useCatalogRefs';

export interface OwnerFieldProps {
  description: string;
  /** Whether groups that one does not belong to are offered, too. */
  mayForOthers: boolean;
  /** Entity ref, as far as it is written. */
  owner: string;
  error?: string;
  onChange(owner: string): void;
}

/** Asks who answers for something: oneself, a group of one's own, or another one. */
export function OwnerField(props: OwnerFieldProps) {
  const { description, mayForOthers, owner, error, onChange } = props;
  const identity = useApi(identityApiRef);
  const own = useAsync(
    async () => (await identity.getBackstageIdentity()).ownershipEntityRefs,
    [identity],
  );
  const groups = useCatalogRefs('group');
  const owners = new Set([
    ...(own.value ?? []),
    ...(mayForOthers ? groups : []),
  ]);
  return (
    <Combobox
      label="Owner"
      description={description}
      isRequired
      allowsCustomValue
      options={[...owners].map(ref => ({ id: ref, label: ref }))}
      {...fieldError(error)}
      search={{ inputValue: owner, onInputChange: onChange }}
    />
  );
}
