// @ts-check
import { ensurePackageFiles } from './packageFiles.mjs';

/**
 * The published schema of bills of materials, with the two that it refers to. The package that has
 * them brings a native XML library along when it is installed.
 *
 * @returns {Promise<string>} the folder with the schemas
 */
export function ensureCycloneDxSchemas() {
  return ensurePackageFiles({
    name: '@cyclonedx/cyclonedx-library',
    version: '10.3.0',
    files: ['bom-1.6', 'spdx', 'jsf-0.82'].map(
      name => `package/res/schema/${name}.SNAPSHOT.schema.json`,
    ),
    what: 'the schema of CycloneDX',
    cache: 'cyclonedx-schemas',
  });
}
