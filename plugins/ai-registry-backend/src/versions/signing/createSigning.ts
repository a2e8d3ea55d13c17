import type { Models } from '../../models/createModels';
import type { RegistryParts } from '../../registryParts';
import type { VersionStore } from '../VersionStore';
import { AuthorizedSignatureService } from './AuthorizedSignatureService';
import { createSignatureRouter } from './createSignatureRouter';
import { SignatureReader } from './SignatureReader';
import { DefaultSignatureService } from './SignatureService';
import { VersionSignatureStore } from './VersionSignatureStore';

/** Signatures of versions' files, and who made them. */
export function createSigning(
  parts: RegistryParts & { models: Models; versions: VersionStore },
) {
  const { models, versions, config } = parts;
  const signatures = new VersionSignatureStore(parts);
  const { keys } = config.signing;
  const reader = new SignatureReader({ signatures, versions, keys });
  const service = new AuthorizedSignatureService({
    ...parts,
    models: models.service,
    signatures: new DefaultSignatureService({
      ...parts,
      models: models.store,
      signatures,
      reader,
    }),
  });
  return {
    reader,
    router: createSignatureRouter({ ...parts, signatures: service }),
  };
}
