import type { ManifestFault } from './ManifestError';
import type { Manifest } from './manifestV2';

/** Every version that a manifest asks for, with where it does. */
function claimedVersions({ metadata, spec }: Manifest) {
  const { version, digest, rollout } = spec;
  const model = metadata.name;
  const own = { model, version, digest, field: ['spec'] };
  if (rollout.strategy !== 'experiment') return [own];
  const at = (
    field: string[],
    variant: { version: number; digest: string },
  ) => ({
    model,
    version: variant.version,
    digest: variant.digest,
    field: ['spec', 'rollout', ...field],
  });
  return [
    own,
    at(['control'], rollout.control),
    ...rollout.treatments.map((variant, index) =>
      at(['treatments', String(index)], variant),
    ),
  ];
}

/** Every version that a manifest asks for, once or more. */
export function variantsOf(
  manifest: Manifest,
): { model: string; version: number }[] {
  return claimedVersions(manifest).map(({ model, version }) => ({
    model,
    version,
  }));
}

/**
 * What is wrong with the versions that a manifest asks for.
 *
 * @param found - digests of registered versions, by `<model>/<version>`
 */
export function findVersionFaults(
  manifest: Manifest,
  found: ReadonlyMap<string, string>,
): ManifestFault[] {
  return claimedVersions(manifest).flatMap(claim => {
    const { model, version, digest, field } = claim;
    const registered = found.get(`${model}/${version}`);
    const where = field.join('.');
    if (registered === undefined) {
      return [
        {
          field: [...field, 'version'],
          message: `${where}.version: the registry has no version ${version} of '${model}'`,
        },
      ];
    }
    return registered === digest
      ? []
      : [
          {
            field: [...field, 'digest'],
            message: `${where}.digest: version ${version} of '${model}' is ${registered}, not ${digest}`,
          },
        ];
  });
}
